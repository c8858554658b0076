import type { SessionStore, Use } from './ports.ts'
import { isPossible, shardOf } from './references.ts'

/** So many steps at once: batches are long and never urgent, and whoever waits for an answer goes first. */
const MAX_UNDER_WAY = 4
/** Uses in one step of the store, which serves nobody else meanwhile. */
const MAX_USES = 100

/** Takes uses of sessions that others have judged by a kept verdict. What is not a session of its user is left out. */
export async function touchSessions(
  { sessions }: { readonly sessions: SessionStore },
  uses: readonly Use[]
): Promise<void> {
  const receivedAt = performance.now()
  const byShard = Map.groupBy(uses.filter(isPossible), ({ userId }) => shardOf(userId))
  const steps = [...byShard].flatMap(([shard, usesOfShard]) => cut(usesOfShard).map((piece) => ({ shard, piece })))
  const waiting = steps.values()
  const work = async (): Promise<void> => {
    // All workers take from the same steps.
    for (const { shard, piece } of waiting) {
      const waitedMs = Math.round(performance.now() - receivedAt)
      await sessions.touch(
        shard,
        piece.map((use) => ({ ...use, ageMs: use.ageMs + waitedMs }))
      )
    }
  }
  await Promise.all(Array.from({ length: MAX_UNDER_WAY }, work))
}

function cut(uses: readonly Use[]): (readonly Use[])[] {
  const count = Math.ceil(uses.length / MAX_USES)
  return Array.from({ length: count }, (_, place) => uses.slice(place * MAX_USES, (place + 1) * MAX_USES))
}
