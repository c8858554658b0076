import { activityContract, activityMessages } from '@latchkey/contracts/activity'
import { attemptsContract } from '@latchkey/contracts/attempts'
import { createBroadcaster } from '@latchkey/messaging/broadcast'
import { listen, STREAM_AGE_MS } from '@latchkey/messaging/events'
import { serve } from '@latchkey/messaging/server'
import type { Subscription, Transport } from '@latchkey/messaging/transport'
import { createRedisOutboxRelay } from '@latchkey/outbox/redis'
import { openRedis } from '@latchkey/redis/client'
import { redis } from '@latchkey/redis/plugin'
import { registerDependencyMetrics } from '@latchkey/runtime/dependency-metrics'
import { health } from '@latchkey/runtime/health'
import type { Logger } from '@latchkey/runtime/logger'
import { createMetrics } from '@latchkey/runtime/metrics'
import { listenTouches } from '@latchkey/verdicts/touches'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { createAttemptHandlers } from './attempt-handlers.ts'
import { createAttemptWatch } from './attempt-watch.ts'
import { createBlockListeners } from './block-listeners.ts'
import { createBlockAnnouncer } from './blocks.ts'
import {
  type Config,
  getAttemptLimits,
  getInactivityRules,
  getIndexLimits,
  getRedisConnection,
  getWebhookRules
} from './config.ts'
import { createEventArchive } from './event-archive.ts'
import { ensureEventConsumers } from './event-consumers.ts'
import { createHandlers, createTouchListener } from './handlers.ts'
import { createAdmission, createListeners } from './listeners.ts'
import { createReadinessChecks } from './readiness.ts'
import { createSourceOf } from './source.ts'
import { createActivityCounts } from './store/activity-counts.ts'
import { createAttemptStore } from './store/attempts.ts'
import { createDeadLetters } from './store/dead-letters.ts'
import { createErasures } from './store/erasures.ts'
import { createEventIndex } from './store/event-index.ts'
import { outboxKeyOf } from './store/keys.ts'
import { createScriptRunner } from './store/run-script.ts'
import { createTimelines } from './store/timelines.ts'
import { createUserStates } from './store/user-states.ts'
import { readEndpoints } from './webhooks/read-endpoints.ts'
import { startWebhooks } from './webhooks/start-webhooks.ts'

export interface AppOptions {
  readonly config: Config
  /** Stays open when the app closes. */
  readonly transport: Transport
  readonly logger: Logger
}

const REQUEST_TIMEOUT_MS = 5000

/** The activity service: answers its contract, and listens to what happens elsewhere, from `ready` until `close`. */
export async function buildApp({ config, transport, logger }: AppOptions): Promise<FastifyInstance> {
  const loggerInstance: FastifyBaseLogger = logger
  const app = Fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: REQUEST_TIMEOUT_MS
  })
  const metrics = createMetrics('activity')
  const client = openRedis({ ...getRedisConnection(config), log: logger })
  await app.register(redis, { client })
  await app.register(health, { checks: createReadinessChecks(client, transport), metrics })

  const scripts = createScriptRunner(client, logger)
  const timelines = createTimelines(scripts, {
    maxLength: config.TIMELINE_LENGTH,
    retentionSeconds: config.TIMELINE_RETENTION
  })
  const events = createEventIndex(scripts, getIndexLimits(config))
  const relay = createRedisOutboxRelay({ redis: client, keyOf: outboxKeyOf, transport, log: logger })
  registerDependencyMetrics(metrics.registry, { bus: transport, redis: client, outbox: relay })
  const blocks = createBlockAnnouncer({ redis: client, transport, log: logger, metrics })
  const states = createUserStates(scripts, { onEvent: relay.nudge, onBlock: blocks.announce })
  const erasures = createErasures(scripts, { streamAgeMs: STREAM_AGE_MS })
  const archive = createEventArchive(transport)
  const rules = getInactivityRules(config)
  const guarded = {
    attempts: createAttemptStore(scripts, getAttemptLimits(config)),
    watch: createAttemptWatch(metrics, logger),
    sourceOf: createSourceOf(config.ATTEMPTS_IPV6_PREFIX),
    alarmAt: config.ATTEMPTS_ALARM
  }
  const { requiresTls, ...webhookRules } = getWebhookRules(config)
  const endpoints = await readEndpoints(config.WEBHOOKS_FILE, { requiresTls })
  const letters = createDeadLetters(scripts, { retentionMs: STREAM_AGE_MS })

  const subscriptions: Subscription[] = []
  let webhooks: ReturnType<typeof startWebhooks> | undefined
  app.addHook('onReady', async () => {
    const counts = createActivityCounts(scripts)
    const handlers = createHandlers({ ...guarded, states, timelines, events, counts, erasures, archive, rules })
    const options = { transport, queue: 'activity', log: logger, observe: metrics.observeCall }
    subscriptions.push(serve(activityContract, handlers, options))
    subscriptions.push(serve(attemptsContract, createAttemptHandlers(guarded), options))
    // In the background: without NATS it waits for it, and the service is to start all the same.
    void ensureEventConsumers(transport).catch((err: unknown) => logger.debug({ err }, 'event stream not ensured'))
    const tell = createBroadcaster(activityMessages.recorded, transport)
    const listeners = createListeners({ states, timelines, events, tell })
    subscriptions.push(listenTouches(createTouchListener({ states }), { transport, queue: 'activity', log: logger }))
    const admit = createAdmission({ erasures, archive })
    const following = { transport, log: logger, observe: metrics.observeEvent }
    subscriptions.push(listen(listeners, { ...following, durable: 'activity-timeline', admit }))
    const blockListeners = createBlockListeners({ states })
    subscriptions.push(listen(blockListeners, { ...following, durable: 'activity-blocks' }))
    const { registry } = metrics
    webhooks = startWebhooks({ ...webhookRules, endpoints, transport, letters, registry, log: logger })
  })
  app.addHook('preClose', async () => {
    await Promise.all([webhooks?.stop(), ...subscriptions.map((subscription) => subscription.drain())])
    await blocks.stop()
    await relay.stop()
  })
  return app
}
