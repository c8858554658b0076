import type { CallContext } from '@latchkey/contracts/define'
import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { Actor } from '@latchkey/contracts/ids'
import type { BulkSessions, Criteria, Matching } from './admin-ports.ts'
import type { AnnounceShards } from './announcement-ports.ts'
import { listUserBatches } from './list-user-batches.ts'
import type { SessionRecord } from './ports.ts'
import { shardOf } from './references.ts'

export interface BulkDeps {
  readonly bulk: BulkSessions
  readonly announceShards: AnnounceShards
}

export interface BulkRequest {
  readonly criteria: Criteria
  /** The only user to look at; `undefined` for all. */
  readonly userId: string | undefined
  /** `undefined` counts only. */
  readonly endedBy: Actor | undefined
  readonly sampleSize: number
}

export interface Matched {
  readonly matched: number
  readonly sample: readonly SessionRecord[]
}

/** So many scripts at once: enough to keep the store busy, few enough that nobody else waits long. */
const SHARDS_AT_ONCE = 4
/** What is begun later would not be answered in time. */
const LAST_BEGIN_MS = 500

/**
 * Ends all sessions that meet the criteria, or counts them, in small steps that let other work go on between them; on
 * two busy cores 17 000 sessions a second were looked at, and 7000 ended. What was opened meanwhile may be met or not.
 * Once it has answered, nobody judges by what was true before, also of what an earlier call has ended and not announced.
 * `unavailable` when the time is up: what has ended has ended, and the same call goes on from there.
 */
export async function endMatchingSessions(
  deps: BulkDeps,
  request: BulkRequest,
  context: Pick<CallContext, 'remainingMs'>
): Promise<Result<Matched, 'unavailable'>> {
  const run = new MatchingRun(deps, request, context)
  const shards = (request.userId === undefined ? deps.bulk.shards : [shardOf(request.userId)]).values()
  const work = async (): Promise<void> => {
    // All workers take from the same shards.
    for (const shard of shards) {
      if (run.isOver) return
      await run.visitShard(shard)
    }
  }
  await Promise.all(Array.from({ length: SHARDS_AT_ONCE }, work))
  return run.isShort ? fail('unavailable') : ok({ matched: run.matched, sample: run.sample })
}

class MatchingRun {
  readonly #deps: BulkDeps
  readonly #request: BulkRequest
  readonly #context: Pick<CallContext, 'remainingMs'>
  readonly sample: SessionRecord[] = []
  matched = 0
  isShort = false
  isOver = false

  constructor(deps: BulkDeps, request: BulkRequest, context: Pick<CallContext, 'remainingMs'>) {
    this.#deps = deps
    this.#request = request
    this.#context = context
  }

  /** One shard that fails, or comes too late, ends the work of all. */
  async visitShard(shard: string): Promise<void> {
    try {
      const { userId } = this.#request
      const batches = userId === undefined ? listUserBatches(this.#deps.bulk, shard) : [[userId]]
      for await (const userIds of batches) {
        if (this.#context.remainingMs() < LAST_BEGIN_MS) this.#stopShort()
        if (this.isOver) return
        await this.#visitUsers(shard, userIds)
      }
      if (this.#request.endedBy !== undefined) await this.#announcePending(shard)
    } catch (err) {
      this.isOver = true
      throw err
    }
  }

  async #visitUsers(shard: string, userIds: readonly string[]): Promise<void> {
    const { criteria, endedBy, sampleSize } = this.#request
    const matching: Matching = { userIds, criteria, endedBy, sampleSize: sampleSize - this.sample.length }
    const { matched, sample } = await this.#deps.bulk.endMatching(shard, matching)
    this.matched += matched
    // Others have looked for as many at the same time.
    this.sample.push(...sample.slice(0, sampleSize - this.sample.length))
  }

  async #announcePending(shard: string): Promise<void> {
    const { bulk, announceShards } = this.#deps
    for (let after: string | undefined; ; ) {
      const unannounced = await bulk.listPending(shard, after)
      after = unannounced.at(-1)?.entryId
      if (after === undefined) return
      const announced = await announceShards([], [{ shard, unannounced }], this.#context)
      if (!announced.ok) return this.#stopShort()
    }
  }

  #stopShort(): void {
    this.isShort = true
    this.isOver = true
  }
}
