import { randomUUIDv7 } from 'node:crypto'
import { activityContract } from '@latchkey/contracts/activity'
import { authContract } from '@latchkey/contracts/auth'
import type { CallOptions } from '@latchkey/contracts/define'
import { sessionContract } from '@latchkey/contracts/session'
import { createClient } from '@latchkey/messaging/client'
import { storeEvent } from '@latchkey/messaging/events'
import { serve } from '@latchkey/messaging/server'
import type { Subscription, Transport } from '@latchkey/messaging/transport'
import { health } from '@latchkey/runtime/health'
import type { Logger } from '@latchkey/runtime/logger'
import { createMetrics } from '@latchkey/runtime/metrics'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { createAccounts } from './accounts.ts'
import { createCommonPasswords } from './common-passwords.ts'
import { type Config, getDatabaseOptions, getPasswordsOptions } from './config.ts'
import { settlePending } from './domain/pending.ts'
import { createEventReporter } from './event-reporter.ts'
import { createHandlers } from './handlers.ts'
import { createPasswords } from './passwords.ts'
import { openStores } from './stores.ts'
import { createSweeper } from './sweeper.ts'

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
    passwords,
    policy: { minLength, isCommon: createCommonPasswords(minLength) },
    sessions: createClient(sessionContract, transport, logger),
    activity: createClient(activityContract, transport, logger),
    reporter,
    now: () => new Date(),
    newId: () => randomUUIDv7()
  }
  const { accounts: store, erasures } = stores
  const accounts = createAccounts({ ...deps, accounts: store, erasures, findVerifierFault: passwords.findFault })
  const settle = (createCall: () => CallOptions) => settlePending(deps, createCall())
  const sweeper = createSweeper({ settle, newId: deps.newId, intervalMs: 1000, log: logger })
  const nats = () => {
    if (transport.state !== 'connected') throw new Error(`NATS is ${transport.state}`)
  }
  await app.register(health, { checks: { postgres: stores.check, passwords: passwords.check, nats }, metrics })

  const subscriptions: Subscription[] = []
  app.addHook('onReady', async () => {
    sweeper.start()
    const options = { transport, queue: 'auth', log: logger, observe: metrics.observeCall }
    subscriptions.push(serve(authContract, createHandlers(deps), options), accounts.serve(options))
  })
  app.addHook('preClose', async () => {
    await Promise.all(subscriptions.map((subscription) => subscription.drain()))
    await sweeper.stop()
  })
  app.addHook('onClose', async () => {
    await reporter.close()
    await passwords.close()
    await stores.close()
  })
  return app
}
