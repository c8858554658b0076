import { STREAM_AGE_MS } from '@latchkey/messaging/events'
import type { Transport } from '@latchkey/messaging/transport'
import { createRedisOutboxRelay, type FlushableRelay } from '@latchkey/outbox/redis'
import { openRedis, type RedisClient } from '@latchkey/redis/client'
import type { Logger } from '@latchkey/runtime/logger'
import type { Metrics } from '@latchkey/runtime/metrics'
import { createBlockAnnouncer } from './blocks.ts'
import { type Config, getAttemptLimits, getIndexLimits, getRedisConnection, getTimelineLimits } from './config.ts'
import type { AttemptStore } from './domain/attempt-ports.ts'
import type { ActivityCounts, Erasures, EventIndex, HearingNotes, Timelines, UserStates } from './domain/ports.ts'
import type { DeadLetters } from './domain/webhook-ports.ts'
import { createActivityCounts } from './store/activity-counts.ts'
import { createAttemptStore } from './store/attempts.ts'
import { createDeadLetters } from './store/dead-letters.ts'
import { createErasures } from './store/erasures.ts'
import { createEventIndex } from './store/event-index.ts'
import { createHearingNotes } from './store/hearing-notes.ts'
import { outboxKeyOf } from './store/keys.ts'
import { createScriptRunner } from './store/run-script.ts'
import { createTimelines } from './store/timelines.ts'
import { createUserStates } from './store/user-states.ts'

export interface StoresOptions {
  readonly config: Config
  readonly transport: Transport
  readonly metrics: Metrics
  readonly logger: Logger
}

export interface Stores {
  /** Whoever registers it as a plugin closes it with that. */
  readonly redis: RedisClient
  readonly states: UserStates
  readonly timelines: Timelines
  readonly events: EventIndex
  readonly counts: ActivityCounts
  readonly erasures: Erasures
  readonly attempts: AttemptStore
  readonly hearing: HearingNotes
  readonly letters: DeadLetters
  /** What is measured of the relay. */
  readonly outbox: Pick<FlushableRelay, 'backlog'>
  /** To be called when nothing is asked any more: makes known what blocks have begun, and relays what is on its way. */
  stop(): Promise<void>
}

/** The stores over one Redis, the relay that empties their outbox, and what makes the blocks in them known. */
export function openStores({ config, transport, metrics, logger }: StoresOptions): Stores {
  const redis = openRedis({ ...getRedisConnection(config), log: logger })
  const scripts = createScriptRunner(redis, logger)
  const relay = createRedisOutboxRelay({ redis, keyOf: outboxKeyOf, transport, log: logger })
  const blocks = createBlockAnnouncer({ redis, transport, log: logger, metrics })
  return {
    redis,
    states: createUserStates(scripts, { onEvent: relay.nudge, onBlock: blocks.announce }),
    timelines: createTimelines(scripts, getTimelineLimits(config)),
    events: createEventIndex(scripts, getIndexLimits(config)),
    counts: createActivityCounts(scripts),
    erasures: createErasures(scripts, { streamAgeMs: STREAM_AGE_MS }),
    attempts: createAttemptStore(scripts, getAttemptLimits(config)),
    hearing: createHearingNotes(scripts),
    letters: createDeadLetters(scripts, { retentionMs: STREAM_AGE_MS }),
    outbox: relay,
    stop: async () => {
      await blocks.stop()
      await relay.stop()
    }
  }
}
