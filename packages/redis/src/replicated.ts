import { Cluster } from 'ioredis'
import { closeRedis, openRedis, type RedisClient, type RedisConnection } from './client.ts'
import type { ScriptArgument, ScriptClient } from './scripts.ts'

export interface ReplicatedOptions extends RedisConnection {
  /** How many replicas have to have a change, of each primary. */
  readonly replicas: number
  /** A key beside those with this hash tag that nothing else uses: what is waited for is a write to it. */
  readonly noteKeyOf: (tag: string) => string
}

export interface Replicated extends ScriptClient {
  close(): Promise<void>
}

/** The change was made and is not known to be on so many replicas: a failover may undo it. */
export class NotReplicated extends Error {
  override readonly name = 'NotReplicated'
}

interface Waiting {
  readonly command: readonly ScriptArgument[]
  readonly tag: string
  readonly resolve: (reply: unknown) => void
  readonly reject: (err: unknown) => void
}

interface Lane {
  readonly waiting: Waiting[]
  isRunning: boolean
}

const BATCH = 100

/**
 * Runs scripts, and answers once so many replicas have what they wrote. `WAIT` holds up a connection and counts what that
 * connection has written, so this one is no other's. What comes meanwhile goes together in the next batch, behind one
 * `WAIT`: many wait about as long as one.
 */
export function openReplicated(options: ReplicatedOptions): Replicated {
  const { replicas, noteKeyOf, commandTimeoutMs } = options
  // A batch waits for replicas within the limit of one command, and comes back within that of two.
  const client = openRedis({ ...options, commandTimeoutMs: 2 * commandTimeoutMs })
  const lanes = new Map<string, Lane>()
  const run = async (lane: Lane): Promise<void> => {
    lane.isRunning = true
    while (lane.waiting.length > 0) {
      const batch = lane.waiting.splice(0, BATCH)
      await runBatch(client, batch, { replicas, noteKeyOf, waitMs: commandTimeoutMs })
    }
    lane.isRunning = false
  }
  const send = (command: readonly ScriptArgument[], key: ScriptArgument | undefined): Promise<unknown> => {
    const tag = /\{[^}]*\}/.exec(String(key))?.[0] ?? ''
    // All of one batch has to be of one slot on a cluster.
    const name = client instanceof Cluster ? tag : ''
    const lane = lanes.get(name) ?? { waiting: [], isRunning: false }
    lanes.set(name, lane)
    return new Promise((resolve, reject) => {
      lane.waiting.push({ command, tag, resolve, reject })
      if (!lane.isRunning) void run(lane)
    })
  }
  return {
    evalsha: (sha, keyCount, ...rest) => send(['evalsha', sha, keyCount, ...rest], rest[0]),
    eval: (source, keyCount, ...rest) => send(['eval', source, keyCount, ...rest], rest[0]),
    close: () => closeRedis(client)
  }
}

interface BatchOptions extends Pick<ReplicatedOptions, 'replicas' | 'noteKeyOf'> {
  readonly waitMs: number
}

type PipelineReply = readonly [err: Error | null, reply: unknown]

/** Never rejects: whoever waits is told. */
async function runBatch(client: RedisClient, batch: readonly Waiting[], options: BatchOptions): Promise<void> {
  const { replicas, noteKeyOf, waitMs } = options
  // Written last and always: a script that finds its work done by an earlier one, maybe of another connection, writes
  // nothing, and what that one wrote has to be on the replicas all the same.
  const note = ['set', noteKeyOf(batch[0]?.tag ?? ''), 1]
  try {
    const commands = [...batch.map(({ command }) => [...command]), note, ['wait', replicas, waitMs]]
    const replies = ((await client.pipeline(commands).exec()) ?? []) as readonly PipelineReply[]
    if (client instanceof Cluster && replies.some(isElsewhere)) refreshSlots(client)
    const missing = findMissing(replies.slice(batch.length), replicas)
    for (const [index, { resolve, reject }] of batch.entries()) {
      const [err, reply] = replies[index] ?? [new NotReplicated('no reply'), undefined]
      const failure = err ?? missing
      if (failure === undefined) resolve(reply)
      else reject(failure)
    }
  } catch (err) {
    for (const { reject } of batch) reject(err)
  }
}

/** A batch goes to the server its slot was last known at; the driver follows a move only where every reply tells of it. */
function isElsewhere([err]: PipelineReply): boolean {
  return err !== null && /^(?:MOVED|ASK) /.test(err.message)
}

/** So that the next batch goes where the slot is now; where that cannot be found out, one of the next asks again. */
function refreshSlots(client: Cluster): void {
  client.refreshSlotsCache(() => undefined)
}

/** Why what was written is not certain to be on all replicas; `undefined` where it is. */
function findMissing(replies: readonly PipelineReply[], replicas: number): Error | undefined {
  const [note, wait] = replies
  const err = note?.[0] ?? wait?.[0]
  if (err !== null && err !== undefined) return err
  const count = wait?.[1]
  if (typeof count === 'number' && count >= replicas) return undefined
  return new NotReplicated(`on ${String(count ?? 0)} of ${replicas} replicas in time`)
}
