import type { SessionStore, Use } from './ports.ts'
import { isPossible } from './references.ts'

/** So many users at once: batches are long and never urgent, and whoever waits for an answer goes first. */
const MAX_UNDER_WAY = 16

/** Takes uses of sessions that others have judged by a kept verdict. What is not a session of its user is left out. */
export async function touchSessions(
  { sessions }: { readonly sessions: SessionStore },
  uses: readonly (Use & { readonly userId: string })[]
): Promise<void> {
  const receivedAt = performance.now()
  const usesByUser = Map.groupBy(uses.filter(isPossible), ({ userId }) => userId).entries()
  const work = async (): Promise<void> => {
    // All workers take from the same entries.
    for (const [userId, usesOfUser] of usesByUser) {
      const waitedMs = Math.round(performance.now() - receivedAt)
      const aged = usesOfUser.map(({ sessionId, ageMs }) => ({ sessionId, ageMs: ageMs + waitedMs }))
      await sessions.touch(userId, aged)
    }
  }
  await Promise.all(Array.from({ length: MAX_UNDER_WAY }, work))
}
