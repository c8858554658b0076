import type { CallContext, RequestOf } from '@latchkey/contracts/define'
import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { sessionContract } from '@latchkey/contracts/session'
import type { Session } from '@latchkey/contracts/session-schema'
import type { Announce, UntilRecorded } from './announcement-ports.ts'
import { describeSession } from './describe-session.ts'
import type { Lifetimes, SessionStore } from './ports.ts'
import { isPossible } from './references.ts'

export interface ChangeDeps {
  readonly sessions: SessionStore
  readonly announce: Announce
}

export interface EndDeps extends ChangeDeps {
  readonly untilRecorded: UntilRecorded
}

/**
 * Ends a session of the user; ending it again answers the same, and announces it again: the call before may have crashed
 * in between. So is one that is not there any more, since whoever removed it may not have been heard everywhere yet.
 */
export async function endSession(
  { sessions, announce, untilRecorded, lifetimes }: EndDeps & { readonly lifetimes: Lifetimes },
  { reason, actor, ...reference }: RequestOf<typeof sessionContract.end>,
  context: CallContext
): Promise<Result<Session, 'session_not_found' | 'unavailable'>> {
  if (!isPossible(reference)) return fail('session_not_found')
  const stored = await sessions.end(reference, reason, actor)
  const { userId, sessionId } = reference
  const items = [{ kind: 'session', id: sessionId }] as const
  if (stored === undefined) {
    const announced = await announce({ userId, items, unannounced: [] }, context)
    return announced.ok ? fail('session_not_found') : announced
  }
  const { session, unannounced, serverId } = stored
  const [announced, recorded] = await Promise.all([
    announce({ userId, items, unannounced }, context),
    untilRecorded({ userId, serverId }, context)
  ])
  if (!announced.ok) return announced
  return recorded.ok ? ok(describeSession(session, lifetimes)) : recorded
}
