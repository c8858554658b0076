import { adminContract } from '@latchkey/contracts/admin'
import { authContract } from '@latchkey/contracts/auth'
import { factorsContract } from '@latchkey/contracts/factors'
import { recoveryContract } from '@latchkey/contracts/recovery'
import { ensureEventStream } from '@latchkey/messaging/events'
import { listen } from '@latchkey/messaging/listen'
import { serve } from '@latchkey/messaging/server'
import type { Subscription, Transport } from '@latchkey/messaging/transport'
import type { Logger } from '@latchkey/runtime/logger'
import type { Metrics } from '@latchkey/runtime/metrics'
import { createAdminHandlers } from './admin-handlers.ts'
import type { AuthDeps } from './deps.ts'
import { createFactorHandlers, createHandlers } from './handlers.ts'
import { createListeners } from './listeners.ts'
import { createRecoveryHandlers } from './recovery-handlers.ts'
import { serveAccounts } from './serve-accounts.ts'

export interface ServingOptions {
  readonly deps: AuthDeps
  readonly transport: Transport
  readonly metrics: Pick<Metrics, 'observeCall' | 'observeEvent'>
  readonly logger: Logger
}

/** Answers the contracts of this service, and listens to what happens elsewhere, until all of it is drained. */
export function startServing({ deps, transport, metrics, logger }: ServingOptions): readonly Subscription[] {
  const options = { transport, queue: 'auth', log: logger, observe: metrics.observeCall }
  const following = { transport, log: logger, observe: metrics.observeEvent }
  // In the background: without NATS it waits for it, and the service is to start all the same.
  void ensureEventStream(transport).catch((err: unknown) => logger.debug({ err }, 'event stream not ensured'))
  return [
    serve(authContract, createHandlers(deps), options),
    serveAccounts(deps, options),
    serve(adminContract, createAdminHandlers(deps), options),
    serve(factorsContract, createFactorHandlers(deps), options),
    serve(recoveryContract, createRecoveryHandlers(deps), options),
    listen(createListeners(deps), { ...following, durable: 'auth-new-devices' })
  ]
}
