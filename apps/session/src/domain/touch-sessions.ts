import type { SessionStore, Use } from './ports.ts'
import { isPossible } from './references.ts'

/** Takes uses of sessions that others have judged by a kept verdict. What is not a session of its user is left out. */
export async function touchSessions(
  { sessions }: { readonly sessions: Pick<SessionStore, 'touch'> },
  uses: readonly Use[]
): Promise<void> {
  await sessions.touch(uses.filter(isPossible))
}
