import type { BulkSessions } from './admin-ports.ts'
import { listUserBatches } from './list-user-batches.ts'

/** Of a shard whose sessions have all ended in one step: makes it known to each of them, user by user, and so to events. */
export async function sweepShard(bulk: BulkSessions, shard: string, signal: AbortSignal): Promise<void> {
  const { made, swept } = await bulk.readSteps(shard)
  if (made === swept) return
  for await (const userIds of listUserBatches(bulk, shard)) {
    if (signal.aborted) return
    await bulk.endMatching(shard, { userIds, criteria: {}, endedBy: undefined, sampleSize: 0 })
  }
  await bulk.markSwept(shard, made)
}
