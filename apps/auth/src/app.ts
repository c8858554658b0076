import { randomUUIDv7 } from 'node:crypto'
import { activityContract } from '@latchkey/contracts/activity'
import { adminContract } from '@latchkey/contracts/admin'
import { attemptsContract } from '@latchkey/contracts/attempts'
import { authContract } from '@latchkey/contracts/auth'
import type { CallOptions } from '@latchkey/contracts/define'
import { factorsContract } from '@latchkey/contracts/factors'
import { recoveryContract } from '@latchkey/contracts/recovery'
import { sessionContract } from '@latchkey/contracts/session'
import { createClient } from '@latchkey/messaging/client'
import { ensureEventStream, listen, storeEvent } from '@latchkey/messaging/events'
import { serve } from '@latchkey/messaging/server'
import type { Subscription, Transport } from '@latchkey/messaging/transport'
import { health } from '@latchkey/runtime/health'
import type { Logger } from '@latchkey/runtime/logger'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { createAccounts } from './accounts.ts'
import { createAdminHandlers } from './admin-handlers.ts'
import { createCommonPasswords } from './common-passwords.ts'
import { type Config, getDatabaseOptions, getPasswordsOptions, getTotpOptions } from './config.ts'
import { settlePending } from './domain/pending.ts'
import { createEventReporter } from './event-reporter.ts'
import { createFactorHandlers, createHandlers } from './handlers.ts'
import { createListeners } from './listeners.ts'
import { createLocalBudgets } from './local-budgets.ts'
import { createAuthMetrics } from './metrics.ts'
import { createPasswords } from './passwords.ts'
import { openPostOffice } from './post-office.ts'
import { recoveryCodes } from './recovery-codes.ts'
import { createRecoveryHandlers } from './recovery-handlers.ts'
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
  const database = getDatabaseOptions(config)
  const stores = openStores({ database, transport, onMail: () => postOffice.nudge(), logger })
  const passwords = createPasswords(getPasswordsOptions(config))
  const metrics = createAuthMetrics({ transport, stores, passwords, poolSize: database.poolSize })
  const calling = { observe: metrics.observeClientCall }
  const reporter = createEventReporter({ store: (event) => storeEvent(transport, event), limit: 100, log: logger })
  const minLength = config.PASSWORD_MIN_LENGTH
  const deps = {
    users: stores.users,
    admins: stores.admins,
    pending: stores.pending,
    factors: stores.factors,
    totp: createTotpSecrets(getTotpOptions(config)),
    recoveryCodes,
    recovery: stores.recovery,
    passwords,
    policy: { minLength, isCommon: createCommonPasswords(minLength) },
    sessions: createClient(sessionContract, transport, logger, calling),
    activity: createClient(activityContract, transport, logger, calling),
    attempts: createClient(attemptsContract, transport, logger, calling),
    localBudgets: createLocalBudgets({ nowMs: () => performance.now() }),
    reporter,
    now: () => new Date(),
    newId: () => randomUUIDv7()
  }
  const postOffice = openPostOffice({ config, mails: stores.mails, log: logger, count: metrics.countMail })
  const { accounts: store, erasures } = stores
  const accounts = createAccounts({ ...deps, accounts: store, erasures, findVerifierFault: passwords.findFault })
  const settle = (createCall: () => CallOptions) => settlePending(deps, createCall())
  const sweeper = createSweeper({ settle, newId: deps.newId, intervalMs: 1000, log: logger })
  const workers = [sweeper, postOffice]
  const nats = () => {
    if (transport.state !== 'connected') throw new Error(`NATS is ${transport.state}`)
  }
  await app.register(health, { checks: { postgres: stores.check, passwords: passwords.check, nats }, metrics })

  const subscriptions: Subscription[] = []
  app.addHook('onReady', async () => {
    for (const worker of workers) worker.start()
    const options = { transport, queue: 'auth', log: logger, observe: metrics.observeCall }
    subscriptions.push(serve(authContract, createHandlers(deps), options), accounts.serve(options))
    subscriptions.push(serve(adminContract, createAdminHandlers(deps), options))
    subscriptions.push(serve(factorsContract, createFactorHandlers(deps), options))
    subscriptions.push(serve(recoveryContract, createRecoveryHandlers(deps), options))
    const following = { transport, log: logger, observe: metrics.observeEvent }
    // In the background: without NATS it waits for it, and the service is to start all the same.
    void ensureEventStream(transport).catch((err: unknown) => logger.debug({ err }, 'event stream not ensured'))
    subscriptions.push(listen(createListeners(deps), { ...following, durable: 'auth-new-devices' }))
  })
  app.addHook('preClose', async () => {
    await Promise.all(subscriptions.map((subscription) => subscription.drain()))
    await Promise.all(workers.map((worker) => worker.stop()))
  })
  app.addHook('onClose', async () => {
    await reporter.close()
    await passwords.close()
    await stores.close()
  })
  return app
}
