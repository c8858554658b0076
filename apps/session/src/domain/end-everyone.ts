import type { CallContext } from '@latchkey/contracts/define'
import { ok, type Result } from '@latchkey/contracts/errors'
import type { Actor } from '@latchkey/contracts/ids'
import type { SessionCounts } from './admin-ports.ts'
import type { BulkDeps, Matched } from './end-matching-sessions.ts'
import { listUserBatches } from './list-user-batches.ts'
import type { SessionRecord } from './ports.ts'

export interface EveryoneDeps extends BulkDeps {
  readonly counts: SessionCounts
  /** Told that there are sessions which have ended and do not know yet. */
  readonly nudgeSweep: () => void
}

/**
 * Ends all live sessions, of the caller too, in one step for each shard, however many they are. A session that is opened
 * at the same time is either ended and listed so, or was opened after its shard's step and lives. Their users' timelines
 * hear of it when the sweep comes by, or the user does, with the time of the step. Repeated after a failure, it ends what
 * was left, and what was opened since.
 */
export async function endEveryone(
  deps: EveryoneDeps,
  { endedBy, sampleSize }: { readonly endedBy: Actor; readonly sampleSize: number },
  context: Pick<CallContext, 'remainingMs'>
): Promise<Result<Matched, 'unavailable'>> {
  const { bulk, announceShards, nudgeSweep } = deps
  const sample = await findSample(deps, sampleSize)
  const steps = await Promise.all(
    bulk.shards.map(async (shard) => ({ shard, ...(await bulk.endEveryone(shard, endedBy)) }))
  )
  nudgeSweep()
  const announced = await announceShards([{ kind: 'everyone' }], steps, context)
  return announced.ok ? ok({ matched: steps.reduce((sum, { ended }) => sum + ended, 0), sample }) : announced
}

/** How many would end. */
export async function countEveryone(
  deps: Pick<EveryoneDeps, 'bulk' | 'counts'>,
  { sampleSize }: { readonly sampleSize: number }
): Promise<Matched> {
  const sample = await findSample(deps, sampleSize)
  const counts = await Promise.all(deps.counts.shards.map((shard) => deps.counts.read(shard)))
  return { matched: counts.reduce((sum, { live }) => sum + live, 0), sample }
}

/** Looks no further than until there are enough. */
async function findSample({ bulk }: Pick<EveryoneDeps, 'bulk'>, sampleSize: number): Promise<readonly SessionRecord[]> {
  const sample: SessionRecord[] = []
  for (const shard of bulk.shards) {
    for await (const userIds of listUserBatches(bulk, shard)) {
      const wanted = { userIds, criteria: {}, endedBy: undefined, sampleSize: sampleSize - sample.length }
      sample.push(...(await bulk.endMatching(shard, wanted)).sample)
      if (sample.length === sampleSize) return sample
    }
  }
  return sample
}
