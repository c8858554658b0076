import type { Subscription, Transport } from '@latchkey/messaging/transport'
import { redis } from '@latchkey/redis/plugin'
import { readTime } from '@latchkey/redis/time'
import { registerDependencyMetrics } from '@latchkey/runtime/dependency-metrics'
import { health } from '@latchkey/runtime/health'
import { createMetrics } from '@latchkey/runtime/metrics'
import { createProbeServer } from '@latchkey/runtime/probe-server'
import type { AppOptions } from '@latchkey/runtime/start'
import { createStoreClock } from '@latchkey/runtime/store-clock'
import type { FastifyInstance } from 'fastify'
import { type Config, getWebhookRules } from './config.ts'
import { createHearing } from './hearing.ts'
import { createReadinessChecks } from './readiness.ts'
import { startServing } from './serving.ts'
import { openStores } from './stores.ts'
import { readEndpoints } from './webhooks/read-endpoints.ts'
import { startWebhooks } from './webhooks/start-webhooks.ts'

/** The activity service: answers its contracts, and listens to what happens elsewhere, from `ready` until `close`. */
export async function buildApp({ config, transport, logger }: AppOptions<Config, Transport>): Promise<FastifyInstance> {
  const app = createProbeServer(logger)
  const metrics = createMetrics('activity')
  const stores = openStores({ config, transport, metrics, logger })
  const { redis: client, outbox, letters } = stores
  await app.register(redis, { client })
  const toleranceMs = config.CLOCK_TOLERANCE * 1000
  const clock = createStoreClock({ store: 'Redis', read: () => readTime(client), toleranceMs, log: logger })
  await app.register(health, { checks: createReadinessChecks(client, transport, clock), metrics })
  registerDependencyMetrics(metrics.registry, { bus: transport, redis: client, outbox })
  const hearing = createHearing({ notes: stores.hearing, isConnected: () => transport.state === 'connected' })
  const { requiresTls, ...rules } = getWebhookRules(config)
  const endpoints = await readEndpoints(config.WEBHOOKS_FILE, { requiresTls })

  let subscriptions: readonly Subscription[] = []
  let webhooks: ReturnType<typeof startWebhooks> | undefined
  app.addHook('onReady', async () => {
    clock.start()
    hearing.start()
    const { registry } = metrics
    subscriptions = startServing({ config, stores, hearing, transport, metrics, logger })
    webhooks = startWebhooks({ ...rules, endpoints, transport, letters, registry, log: logger })
  })
  app.addHook('preClose', async () => {
    clock.stop()
    hearing.stop()
    await Promise.all([webhooks?.stop(), ...subscriptions.map((subscription) => subscription.drain())])
    await stores.stop()
  })
  return app
}
