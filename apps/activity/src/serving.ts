import { activityContract, activityMessages } from '@latchkey/contracts/activity'
import { attemptsContract } from '@latchkey/contracts/attempts'
import { createBroadcaster } from '@latchkey/messaging/broadcast'
import { listen } from '@latchkey/messaging/listen'
import { serve } from '@latchkey/messaging/server'
import type { Subscription, Transport } from '@latchkey/messaging/transport'
import type { Logger } from '@latchkey/runtime/logger'
import type { Metrics } from '@latchkey/runtime/metrics'
import { listenTouches } from '@latchkey/verdicts/touches'
import { createAttemptHandlers } from './attempt-handlers.ts'
import { createAttemptWatch } from './attempt-watch.ts'
import { createBlockListeners } from './block-listeners.ts'
import { type Config, getInactivityRules } from './config.ts'
import { createEventArchive } from './event-archive.ts'
import { ensureEventConsumers } from './event-consumers.ts'
import { createHandlers, createTouchListener } from './handlers.ts'
import type { Hearing } from './hearing.ts'
import { createAdmission, createListeners } from './listeners.ts'
import { createSourceOf } from './source.ts'
import type { Stores } from './stores.ts'

export interface ServingOptions {
  readonly config: Config
  readonly stores: Stores
  readonly hearing: Hearing
  readonly transport: Transport
  readonly metrics: Metrics
  readonly logger: Logger
}

/** Answers the contracts of this service, and listens to what happens elsewhere, until all of it is drained. */
export function startServing({
  config,
  stores,
  hearing,
  transport,
  metrics,
  logger
}: ServingOptions): readonly Subscription[] {
  const guarded = {
    attempts: stores.attempts,
    watch: createAttemptWatch(metrics, logger),
    sourceOf: createSourceOf(config.ATTEMPTS_IPV6_PREFIX),
    alarmAt: config.ATTEMPTS_ALARM
  }
  const archive = createEventArchive(transport)
  const handlers = createHandlers({ ...stores, ...guarded, hearing, archive, rules: getInactivityRules(config) })
  const tell = createBroadcaster(activityMessages.recorded, transport)
  const admit = createAdmission({ erasures: stores.erasures, archive })
  const answering = { transport, queue: 'activity', log: logger }
  const following = { transport, log: logger, observe: metrics.observeEvent }
  // In the background: without NATS it waits for it, and the service is to start all the same.
  void ensureEventConsumers(transport).catch((err: unknown) => logger.debug({ err }, 'event stream not ensured'))
  return [
    serve(activityContract, handlers, { ...answering, observe: metrics.observeCall }),
    serve(attemptsContract, createAttemptHandlers(guarded), { ...answering, observe: metrics.observeCall }),
    listenTouches(createTouchListener(stores, hearing), answering),
    listen(createListeners({ ...stores, tell }), { ...following, durable: 'activity-timeline', admit }),
    listen(createBlockListeners(stores), { ...following, durable: 'activity-blocks' })
  ]
}
