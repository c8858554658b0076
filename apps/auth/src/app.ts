import { randomUUIDv7 } from 'node:crypto'
import { activityContract } from '@latchkey/contracts/activity'
import { authContract } from '@latchkey/contracts/auth'
import { factorsContract } from '@latchkey/contracts/factors'
import { sessionContract } from '@latchkey/contracts/session'
import { createClient } from '@latchkey/messaging/client'
import { storeEvent } from '@latchkey/messaging/events'
import { serve } from '@latchkey/messaging/server'
import type { Subscription, Transport } from '@latchkey/messaging/transport'
import { health } from '@latchkey/runtime/health'
import type { Logger } from '@latchkey/runtime/logger'
import { createMetrics } from '@latchkey/runtime/metrics'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { createCommonPasswords } from './common-passwords.ts'
import { type Config, getDatabaseOptions, getPasswordsOptions } from './config.ts'
import { createEventReporter } from './event-reporter.ts'
import { createFactorHandlers, createHandlers } from './handlers.ts'
import { createPasswords } from './passwords.ts'
import { recoveryCodes } from './recovery-codes.ts'
import { openStores } from './stores.ts'
import { createSweeper } from './sweeper.ts'
import { createTotpSecrets } from './totp-secrets.ts'

export interface AppOptions {
  readonly config: Config
  /** Stays open when the app closes. */
  readonly transport: Transport
  readonly logger: Logger
}

export async function buildApp({ config, transport, logger }: AppOptions): Promise<FastifyInstance> {
  const loggerInstance: FastifyBaseLogger = logger
  const app = Fastify({ loggerInstance, logController: new LogController({ disableRequestLogging: true }) })
  const metrics = createMetrics('auth')
  const stores = openStores({ database: getDatabaseOptions(config), transport, logger })
  const passwords = createPasswords(getPasswordsOptions(config))
  const reporter = createEventReporter({ store: (event) => storeEvent(transport, event), limit: 100, log: logger })
  const minLength = config.PASSWORD_MIN_LENGTH
  const deps = {
    users: stores.users,
    pending: stores.pending,
    factors: stores.factors,
    totp: createTotpSecrets({ sealingSecret: config.FACTOR_SECRET, issuer: config.FACTOR_ISSUER }),
    recoveryCodes,
    passwords,
    policy: { minLength, isCommon: createCommonPasswords(minLength) },
    sessions: createClient(sessionContract, transport, logger),
    activity: createClient(activityContract, transport, logger),
    reporter,
    now: () => new Date(),
    newId: () => randomUUIDv7()
  }
  const sweeper = createSweeper({ deps, intervalMs: 1000, log: logger })
  const nats = () => {
    if (transport.state !== 'connected') throw new Error(`NATS is ${transport.state}`)
  }
  await app.register(health, { checks: { postgres: stores.check, passwords: passwords.check, nats }, metrics })

  let served: readonly Subscription[] = []
  app.addHook('onReady', async () => {
    sweeper.start()
    const options = { transport, queue: 'auth', log: logger, observe: metrics.observeCall }
    served = [
      serve(authContract, createHandlers(deps), options),
      serve(factorsContract, createFactorHandlers(deps), options)
    ]
  })
  app.addHook('preClose', async () => {
    await Promise.all(served.map((subscription) => subscription.drain()))
    await sweeper.stop()
  })
  app.addHook('onClose', async () => {
    await reporter.close()
    await stores.close()
  })
  return app
}
