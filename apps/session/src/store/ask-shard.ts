import { type AvailabilityOptions, createAvailability } from '@latchkey/redis/availability'
import { NotReplicated } from '@latchkey/redis/replicated'
import type { ScriptClient } from '@latchkey/redis/scripts'
import type { Unannounced } from '../domain/announcement-ports.ts'
import { type Lifetimes, StoreUnavailable } from '../domain/ports.ts'
import { outboxKeyOf, pendingKeyOf, prefixOf } from './keys.ts'
import { createQueues, type QueueKind, type Queues } from './queues.ts'
import { type PendingReply, type Replies, readUnannounced } from './replies.ts'
import { createScriptRunner, type ScriptName } from './scripts.ts'

export interface AskingOptions {
  readonly redis: ScriptClient
  /** The same store, for what must not be lost; see `openReplicated`. */
  readonly kept: ScriptClient
  readonly lifetimes: Lifetimes
  /** Ended sessions are kept for so long, and so many of each user. */
  readonly retentionMs: number
  readonly historyLength: number
  /** Told of each shard whose outbox has got something. */
  readonly onEvents: (shard: string) => void
  /** Told whenever a shard refuses to answer because it may lack changes. */
  readonly onDoubt: () => void
  /** Told of each command that was not begun, since too many waited. */
  readonly onRefused: (kind: QueueKind) => void
  readonly log: AvailabilityOptions['log']
}

export type ScriptArguments = readonly (string | number | Buffer)[]

export interface Asked<N extends ScriptName> {
  readonly answer: Replies[N]
  readonly unannounced: readonly Unannounced[]
  /** Names the server as it is since it was started, restored or promoted. */
  readonly serverId: string
}

/** Runs a script over one user's hash, or over a shard where `userId` is empty. */
export type AskShard = <N extends ScriptName>(
  name: N,
  shard: string,
  userId: string,
  args: ScriptArguments
) => Promise<Asked<N>>

/** Hands every script the configuration that it needs, in its turn. Throws `StoreUnavailable`. */
export function createAsking(options: AskingOptions, queues: Queues = createQueues(options.onRefused)): AskShard {
  const { lifetimes, retentionMs, historyLength, onEvents, onDoubt, log } = options
  const run = createScriptRunner(options.redis, options.kept)
  const runScript: typeof run = async (...call) => {
    try {
      return await run(...call)
    } catch (err) {
      if (err instanceof NotReplicated) throw new StoreUnavailable('no replica has the change', { cause: err })
      if (!(err instanceof Error) || !err.message.startsWith('DOUBT')) throw err
      onDoubt()
      throw new StoreUnavailable('the shard may lack changes', { cause: err })
    }
  }
  const createError = (...args: ConstructorParameters<typeof StoreUnavailable>) => new StoreUnavailable(...args)
  const whenAvailable = createAvailability({ client: options.redis, log, createError })
  const settings = [lifetimes.idleMs, lifetimes.absoluteMs, retentionMs, historyLength]
  return async <N extends ScriptName>(
    name: N,
    shard: string,
    userId: string,
    args: ScriptArguments
  ): Promise<Asked<N>> => {
    const userKey = `${prefixOf(shard)}${userId}`
    const keys = [userKey, outboxKeyOf(shard), pendingKeyOf(shard)]
    const reply = await queues.inTurn(name, () =>
      whenAvailable(userKey, () => runScript(name, keys, [userId, ...settings, ...args]))
    )
    const [appended, answer, pending, serverId] = reply as [number, Replies[N], PendingReply[], string]
    if (appended > 0) onEvents(shard)
    return { answer, unannounced: readUnannounced(pending), serverId }
  }
}
