import type { CallOptions } from '@latchkey/contracts/define'
import type { PlatformEvent } from '@latchkey/contracts/events'
import { storeEvent } from '@latchkey/messaging/events'
import type { Subscription, Transport } from '@latchkey/messaging/transport'
import { createBusCheck, health } from '@latchkey/runtime/health'
import { createProbeServer } from '@latchkey/runtime/probe-server'
import type { AppOptions } from '@latchkey/runtime/start'
import { createStoreClock } from '@latchkey/runtime/store-clock'
import type { FastifyInstance } from 'fastify'
import { type Config, getDatabaseOptions, getPasswordsOptions } from './config.ts'
import { createDeps } from './deps.ts'
import { settlePending } from './domain/pending.ts'
import { createEventReporter } from './event-reporter.ts'
import { createAuthMetrics } from './metrics.ts'
import { createPasswords } from './passwords.ts'
import { openPostOffice } from './post-office.ts'
import { startServing } from './serving.ts'
import { openStores } from './stores.ts'
import { createSweeper } from './sweeper.ts'

const SWEEP_INTERVAL_MS = 1000
/** Events under way to the stream that no transaction waits for. */
const MAX_REPORTS = 100

/** The auth service: answers its contracts, and listens to what happens elsewhere, from `ready` until `close`. */
export async function buildApp({ config, transport, logger }: AppOptions<Config, Transport>): Promise<FastifyInstance> {
  const app = createProbeServer(logger)
  const database = getDatabaseOptions(config)
  const stores = openStores({ database, transport, onMail: () => postOffice.nudge(), logger })
  const passwords = createPasswords(getPasswordsOptions(config))
  const metrics = createAuthMetrics({ transport, stores, passwords, poolSize: database.poolSize })
  const postOffice = openPostOffice({ config, mails: stores.mails, log: logger, count: metrics.countMail })
  const storing = { store: (event: PlatformEvent) => storeEvent(transport, event), limit: MAX_REPORTS, log: logger }
  const reporter = createEventReporter(storing)
  const toleranceMs = config.CLOCK_TOLERANCE * 1000
  const clock = createStoreClock({ store: 'the database', read: stores.readTime, toleranceMs, log: logger })
  const deps = createDeps({ config, transport, logger, stores, passwords, reporter, metrics, clock })
  const settle = (createCall: () => CallOptions) => settlePending(deps, createCall())
  const sweeper = createSweeper({ settle, newId: deps.newId, intervalMs: SWEEP_INTERVAL_MS, log: logger })
  const workers = [sweeper, postOffice, clock]
  const checks = { postgres: stores.check, passwords: passwords.check, nats: createBusCheck(transport) }
  await app.register(health, { checks: { ...checks, clock: () => clock.check() }, metrics })

  let subscriptions: readonly Subscription[] = []
  app.addHook('onReady', async () => {
    for (const worker of workers) worker.start()
    subscriptions = startServing({ deps, transport, metrics, logger })
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
