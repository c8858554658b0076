import { type AvailabilityOptions, createAvailability } from '@latchkey/redis/availability'
import type { RedisClient } from '@latchkey/redis/client'
import { type Lifetimes, StoreUnavailable, type Unannounced } from '../domain/ports.ts'
import { outboxKeyOf, pendingKeyOf, prefixOf } from './keys.ts'
import { type PendingReply, type Replies, readUnannounced } from './replies.ts'
import { createScriptRunner, type ScriptName } from './scripts.ts'
import { createSemaphore } from './semaphore.ts'

export interface AskingOptions {
  readonly redis: RedisClient
  readonly lifetimes: Lifetimes
  /** Ended sessions are kept for so long, and so many of each user. */
  readonly retentionMs: number
  readonly historyLength: number
  /** Told of each shard whose outbox has got something. */
  readonly onEvents: (shard: string) => void
  readonly log: AvailabilityOptions['log']
}

/** A burst waits here: what waits in Redis instead would run into the timeout of a command and look like an outage. */
const SEMAPHORE = { maxUnderWay: 64, maxWaitMs: 1000 }

export type ScriptArguments = readonly (string | number | Buffer)[]

export interface Asked<N extends ScriptName> {
  readonly answer: Replies[N]
  readonly unannounced: readonly Unannounced[]
}

/** Runs a script over one user's hash, or over a shard where `userId` is empty. */
export type AskShard = <N extends ScriptName>(
  name: N,
  shard: string,
  userId: string,
  args: ScriptArguments
) => Promise<Asked<N>>

/** Hands every script the configuration that it needs. Throws `StoreUnavailable`. */
export function createAsking({ redis, lifetimes, retentionMs, historyLength, onEvents, log }: AskingOptions): AskShard {
  const runScript = createScriptRunner(redis)
  const whenAvailable = createAvailability({ log, createError: (...args) => new StoreUnavailable(...args) })
  const inTurn = createSemaphore(SEMAPHORE)
  const settings = [lifetimes.idleMs, lifetimes.absoluteMs, retentionMs, historyLength]
  return async <N extends ScriptName>(
    name: N,
    shard: string,
    userId: string,
    args: ScriptArguments
  ): Promise<Asked<N>> => {
    const keys = [`${prefixOf(shard)}${userId}`, outboxKeyOf(shard), pendingKeyOf(shard)]
    const reply = await inTurn(() => whenAvailable(() => runScript(name, keys, [userId, ...settings, ...args])))
    const [appended, answer, pending] = reply as [number, Replies[N], PendingReply[]]
    if (appended > 0) onEvents(shard)
    return { answer, unannounced: readUnannounced(pending) }
  }
}
