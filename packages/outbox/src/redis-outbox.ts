import type { Transport } from '@latchkey/messaging/transport'
import type { RedisClient } from '@latchkey/redis/client'
import { countStreams } from '@latchkey/redis/shards'
import { createPublisher, type Publisher } from './publisher.ts'
import { type FlushableRelay, MAX_BATCH_AGE_MS, type PendingLanes, type RelayLog, startRelay } from './relay.ts'

export type { FlushableRelay } from './relay.ts'

export interface RedisOutboxOptions {
  readonly redis: RedisClient
  /**
   * Key of a shard's stream, where scripts append `XADD <key> * event <PlatformEvent JSON>`. It carries the shard's
   * hash tag; `<key>:dead` receives what is not readable.
   */
  readonly keyOf: (shard: string) => string
  readonly transport: Transport
  readonly log: RelayLog
}

const BATCH = 100
const MAX_DEAD_ENTRIES = 1000

/**
 * Relays events from one stream a shard (`00` to `ff`) into the platform's event stream: at least once, in order within
 * a shard. An entry leaves its shard after the event stream has acknowledged it. Replicas may do the same at the same time.
 */
export function createRedisOutboxRelay({ redis, keyOf, transport, log }: RedisOutboxOptions): FlushableRelay {
  const publisher = createPublisher(transport)
  const relay = startRelay(
    {
      drain: (shard, signal) => drainShard({ redis, publisher, log, key: keyOf(shard) }, signal),
      listPending: () => listPendingShards(redis, keyOf)
    },
    log
  )
  transport.onState((state) => {
    if (state === 'connected') relay.wake()
  })
  const wake = () => relay.wake()
  redis.on('ready', wake)
  return {
    nudge: (shard) => relay.nudge(shard),
    flush: (shard, withinMs) => relay.flush(shard, withinMs),
    get waiting() {
      return relay.waiting
    },
    get backlog() {
      return relay.backlog
    },
    stop: async () => {
      redis.off('ready', wake)
      await relay.stop()
    }
  }
}

async function listPendingShards(redis: RedisClient, keyOf: (shard: string) => string): Promise<PendingLanes> {
  // Whoever owns the client knows that it is not connected; the relay is woken when it is.
  if (redis.status !== 'ready') return { lanes: [], events: 0, oldestAgeMs: 0 }
  const counts = await countStreams(redis, keyOf)
  const lanes = [...counts.keys()]
  const ages = await Promise.all(lanes.map((shard) => readOldestAge(redis, keyOf(shard))))
  const events = [...counts.values()].reduce((sum, count) => sum + count, 0)
  return { lanes, events, oldestAgeMs: Math.max(0, ...ages) }
}

/** By the id of the entry, which begins with the time of Redis: exact to the difference of two clocks. */
async function readOldestAge(redis: RedisClient, key: string): Promise<number> {
  const [[id] = ['']] = await redis.xrange(key, '-', '+', 'COUNT', 1)
  return id === '' ? 0 : Date.now() - Number.parseInt(id, 10)
}

interface ShardDrain {
  readonly redis: RedisClient
  readonly publisher: Publisher
  readonly log: RelayLog
  readonly key: string
}

async function drainShard(drain: ShardDrain, signal: AbortSignal): Promise<void> {
  const { redis, publisher, key } = drain
  while (!signal.aborted) {
    publisher.assertConnected()
    const readAt = performance.now()
    const entries = await redis.xrange(key, '-', '+', 'COUNT', BATCH)
    if (entries.length === 0) return
    const published: string[] = []
    try {
      for (const [entryId, fields] of entries) {
        if (signal.aborted || performance.now() - readAt > MAX_BATCH_AGE_MS) break
        if (await relayEntry(drain, entryId, fields)) published.push(entryId)
      }
    } finally {
      if (published.length > 0) await redis.xdel(key, ...published)
    }
  }
}

/** False for an entry that was set aside, and so is gone already. */
async function relayEntry({ redis, publisher, log, key }: ShardDrain, entryId: string, fields: readonly string[]) {
  const text = fields[0] === 'event' ? fields[1] : undefined
  const event = text === undefined ? undefined : publisher.read(text)
  if (event === undefined) {
    const dead = redis.multi().xadd(`${key}:dead`, 'MAXLEN', '~', MAX_DEAD_ENTRIES, '*', ...fields)
    await dead.xdel(key, entryId).exec()
    log.error({ key, entryId }, 'outbox entry is not readable and was set aside')
    return false
  }
  await publisher.publish(event)
  return true
}
