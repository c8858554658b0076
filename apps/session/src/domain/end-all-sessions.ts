import type { CallContext, RequestOf } from '@latchkey/contracts/define'
import { ok, type Result } from '@latchkey/contracts/errors'
import type { sessionContract } from '@latchkey/contracts/session'
import type { EndDeps } from './end-session.ts'

/** Ends every live session of the user, or every other one, and says how many those were. */
export async function endAllSessions(
  { sessions, announce, untilRecorded }: EndDeps,
  { userId, exceptSessionId, reason, epoch, actor }: RequestOf<typeof sessionContract.endAll>,
  context: CallContext
): Promise<Result<{ ended: number }, 'unavailable'>> {
  const { ended, unannounced, serverId } = await sessions.endAll({
    userId,
    exceptSessionId: exceptSessionId ?? undefined,
    reason,
    epoch: epoch ?? undefined,
    actor
  })
  const [announced, recorded] = await Promise.all([
    announce({ userId, items: [{ kind: 'user', id: userId }], unannounced }, context),
    untilRecorded({ userId, serverId }, context)
  ])
  if (!announced.ok) return announced
  return recorded.ok ? ok({ ended }) : recorded
}
