import type { Transport } from '@latchkey/messaging/transport'
import { createRedisOutboxRelay, type FlushableRelay } from '@latchkey/outbox/redis'
import { openRedis, type RedisClient } from '@latchkey/redis/client'
import { openReplicated, type Replicated } from '@latchkey/redis/replicated'
import { readTime } from '@latchkey/redis/time'
import type { Logger } from '@latchkey/runtime/logger'
import { createCounter, type Metrics } from '@latchkey/runtime/metrics'
import { createStoreClock, type StoreClock } from '@latchkey/runtime/store-clock'
import { type Config, getRedisConnection, getStoreRules } from './config.ts'
import { type Recovery, startRecovery } from './recovery.ts'
import type { AskingOptions } from './store/ask-shard.ts'
import { noteKeyOf, outboxKeyOf } from './store/keys.ts'
import { createLineages } from './store/lineages.ts'
import type { SessionStoreOptions } from './store/sessions.ts'

export interface OpenStoreOptions {
  readonly config: Config
  readonly transport: Transport
  readonly registry: Metrics['registry']
  readonly logger: Logger
}

/** Redis, and all that keeps what is in it from being lost. */
export interface OpenedStore {
  /** Whoever registers it as a plugin closes it with that. */
  readonly redis: RedisClient
  readonly options: SessionStoreOptions & { readonly log: Logger }
  readonly recovery: Pick<Recovery, 'check'>
  readonly clock: Pick<StoreClock, 'knownMs' | 'check'>
  readonly outbox: Pick<FlushableRelay, 'backlog' | 'flush'>
  /** To be called when nothing is asked any more. */
  stop(): Promise<void>
}

const REFUSED = {
  name: 'latchkey_store_queue_refused_total',
  help: 'Commands for Redis that were not begun, since too many waited; the kind is verdict, change, use or other',
  label: 'kind'
}

export function openStore({ config, transport, registry, logger }: OpenStoreOptions): OpenedStore {
  const connection = { ...getRedisConnection(config), log: logger }
  const redis = openRedis(connection)
  const replicas = config.REDIS_WAIT_REPLICAS
  const replicated: Replicated | undefined =
    replicas === 0 ? undefined : openReplicated({ ...connection, replicas, noteKeyOf })
  const relay = createRedisOutboxRelay({ redis, keyOf: outboxKeyOf, transport, log: logger })
  const asking: Omit<AskingOptions, 'onDoubt'> = {
    redis,
    kept: replicated ?? redis,
    ...getStoreRules(config),
    onEvents: (shard) => relay.nudge(shard),
    onRefused: createCounter(registry, REFUSED),
    log: logger
  }
  const lineages = createLineages({ ...asking, onDoubt: () => undefined })
  const toleranceMs = config.CLOCK_TOLERANCE * 1000
  const clock = createStoreClock({ store: 'Redis', read: () => readTime(redis), toleranceMs, log: logger })
  clock.start()
  const recovery = startRecovery({ lineages, transport, clock, log: logger })
  redis.on('ready', recovery.look)
  return {
    redis,
    options: { ...asking, ...getStoreRules(config), onDoubt: recovery.nudge, log: logger },
    recovery,
    clock,
    outbox: relay,
    stop: async () => {
      clock.stop()
      await recovery.stop()
      await relay.stop()
      await replicated?.close()
    }
  }
}
