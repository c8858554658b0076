import type { Use, UserStates } from './ports.ts'
import { shardOf } from './shard.ts'

/** So many steps at once: batches are long and never urgent, and whoever waits for an answer goes first. */
const MAX_UNDER_WAY = 4
/** Users in one step of the store, which serves nobody else meanwhile. */
const MAX_USERS = 200

/** Takes activity that others have admitted by a kept verdict. It comes late, and neither ends nor prevents a block. */
export async function touchUsers({ states }: { readonly states: UserStates }, uses: readonly Use[]): Promise<void> {
  const receivedAt = performance.now()
  const latest = new Map<string, number>()
  for (const { userId, ageMs } of uses) latest.set(userId, Math.min(ageMs, latest.get(userId) ?? ageMs))
  const byShard = Map.groupBy(latest, ([userId]) => shardOf(userId))
  const steps = [...byShard.values()].flatMap(cut).values()
  const work = async (): Promise<void> => {
    // All workers take from the same steps.
    for (const step of steps) {
      const waitedMs = Math.round(performance.now() - receivedAt)
      await states.touch(step.map(([userId, ageMs]) => ({ userId, ageMs: ageMs + waitedMs })))
    }
  }
  await Promise.all(Array.from({ length: MAX_UNDER_WAY }, work))
}

function cut<T>(items: readonly T[]): (readonly T[])[] {
  const count = Math.ceil(items.length / MAX_USERS)
  return Array.from({ length: count }, (_, place) => items.slice(place * MAX_USERS, (place + 1) * MAX_USERS))
}
