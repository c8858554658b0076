import type { RequestOf } from '@latchkey/contracts/define'
import { ok, type Result } from '@latchkey/contracts/errors'
import type { sessionContract } from '@latchkey/contracts/session'
import type { SessionStore } from './ports.ts'

/** Ends every live session of the user, or every other one, and says how many those were. */
export async function endAllSessions(
  { sessions }: { readonly sessions: SessionStore },
  { userId, exceptSessionId, reason, epoch }: RequestOf<typeof sessionContract.endAll>
): Promise<Result<{ ended: number }>> {
  const ended = await sessions.endAll({
    userId,
    exceptSessionId: exceptSessionId ?? undefined,
    reason,
    epoch: epoch ?? undefined
  })
  return ok({ ended })
}
