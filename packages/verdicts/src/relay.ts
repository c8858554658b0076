import { type VerdictItem, VerdictItem as VerdictItemSchema } from '@latchkey/contracts/verdict'
import type { Log } from '@latchkey/messaging/client'
import type { RedisClient } from '@latchkey/redis/client'
import { countStreams } from '@latchkey/redis/shards'
import { Compile } from 'typebox/compile'
import type { Announce } from './authority/options.ts'

export interface PendingRelayOptions {
  readonly redis: RedisClient
  /**
   * Key of a shard's stream (`00` to `ff`), where the script that makes a change appends `XADD <key> * item <item as
   * JSON>`. Whoever makes the change announces it and then settles the entry; the relay does so for those who crashed.
   */
  readonly keyOf: (shard: string) => string
  readonly announce: Announce
  readonly log: Log
  readonly sweepMs?: number
  /** An entry is left so long to whoever wrote it. */
  readonly graceMs?: number
}

export interface PendingRelay {
  /** The change is announced: its entries are needed no longer. Never fails; what it cannot remove is announced again. */
  settle(shard: string, entryIds: readonly string[]): void
  stop(): Promise<void>
  /** Changes that are made and not yet announced, as last seen. */
  readonly pending: number
}

const SWEEP_MS = 500
const GRACE_MS = 1000
const ANNOUNCE_TIMEOUT_MS = 5000
const BATCH = 100
const validator = Compile(VerdictItemSchema)

/** Announces what a crash has left unannounced. Every replica may sweep: an announcement made twice does no harm. */
export function createPendingRelay(options: PendingRelayOptions): PendingRelay {
  return new Sweeper(options)
}

interface Leftover {
  readonly id: string
  readonly item: VerdictItem
}

class Sweeper implements PendingRelay {
  readonly #options: PendingRelayOptions
  readonly #timer: NodeJS.Timeout
  /** Entries by shard and id with the time they were first seen: no clock but ours is asked for their age. */
  #seen = new Map<string, number>()
  #sweeping: Promise<void> | undefined
  #failing = false

  constructor(options: PendingRelayOptions) {
    this.#options = options
    this.#timer = setInterval(() => {
      this.#sweeping ??= this.#sweep().finally(() => {
        this.#sweeping = undefined
      })
    }, options.sweepMs ?? SWEEP_MS)
    this.#timer.unref()
  }

  settle(shard: string, entryIds: readonly string[]): void {
    if (entryIds.length === 0) return
    const { redis, keyOf, log } = this.#options
    redis.xdel(keyOf(shard), ...entryIds).catch((err: unknown) => log.debug({ err }, 'pending entry stays'))
  }

  get pending(): number {
    return this.#seen.size
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#sweeping
  }

  async #sweep(): Promise<void> {
    const { redis, keyOf, log } = this.#options
    // Whoever owns the client knows that it is not connected.
    if (redis.status !== 'ready') return
    try {
      const seen = new Map<string, number>()
      const pending = await countStreams(redis, keyOf)
      for (const shard of pending.keys()) await this.#relayShard(shard, seen)
      this.#seen = seen
      this.#failing = false
    } catch (err) {
      if (!this.#failing) log.warn({ err }, 'pending announcements wait')
      this.#failing = true
    }
  }

  async #relayShard(shard: string, seen: Map<string, number>): Promise<void> {
    const { redis, keyOf, announce, graceMs = GRACE_MS, log } = this.#options
    const now = performance.now()
    const leftovers: Leftover[] = []
    for (const [id, fields] of await redis.xrange(keyOf(shard), '-', '+', 'COUNT', BATCH)) {
      const key = `${shard} ${id}`
      const seenAt = this.#seen.get(key) ?? now
      seen.set(key, seenAt)
      if (now - seenAt >= graceMs) leftovers.push({ id, item: this.#readItem(fields) })
    }
    if (leftovers.length === 0) return
    const items = leftovers.map(({ item }) => item)
    const announced = await announce(items, { timeoutMs: ANNOUNCE_TIMEOUT_MS })
    if (!announced.ok) throw new Error('not announced')
    const ids = leftovers.map(({ id }) => id)
    await redis.xdel(keyOf(shard), ...ids)
    log.info({ shard, count: ids.length }, 'pending changes were announced for whoever made them')
  }

  /** What cannot be read may be about anybody. */
  #readItem(fields: readonly string[]): VerdictItem {
    try {
      const item: unknown = JSON.parse(fields[0] === 'item' ? (fields[1] ?? '') : '')
      if (validator.Check(item)) return item
    } catch {
      // Told below.
    }
    this.#options.log.error({}, 'pending entry is not readable; all verdicts are doubted')
    return { kind: 'everyone' }
  }
}
