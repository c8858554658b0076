import type { UserStates } from './ports.ts'

export interface Use {
  readonly userId: string
  readonly ageMs: number
}

/** So many users at once: batches are long and never urgent, and whoever waits for an answer goes first. */
const MAX_UNDER_WAY = 16

/** Takes activity that others have admitted by a kept verdict. It comes late, and neither ends nor prevents a block. */
export async function touchUsers({ states }: { readonly states: UserStates }, uses: readonly Use[]): Promise<void> {
  const receivedAt = performance.now()
  const latest = new Map<string, number>()
  for (const { userId, ageMs } of uses) latest.set(userId, Math.min(ageMs, latest.get(userId) ?? ageMs))
  const users = latest.entries()
  const work = async (): Promise<void> => {
    // All workers take from the same entries.
    for (const [userId, ageMs] of users) {
      await states.touch(userId, ageMs + Math.round(performance.now() - receivedAt))
    }
  }
  await Promise.all(Array.from({ length: MAX_UNDER_WAY }, work))
}
