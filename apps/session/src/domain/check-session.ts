import type { ReplyOf, RequestOf } from '@latchkey/contracts/define'
import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { sessionContract } from '@latchkey/contracts/session'
import {
  describeSession,
  failBlocked,
  findAbsoluteDeadlineMs,
  findIdleDeadlineMs,
  toTimestamp
} from './describe-session.ts'
import type { Lifetimes, SessionStore } from './ports.ts'
import { isPossible } from './references.ts'

/**
 * Whether the session of a verified access token is still live, and its user not kept out by an admin. What the store
 * does not know is not.
 */
export async function checkSession(
  { sessions, lifetimes }: { readonly sessions: SessionStore; readonly lifetimes: Lifetimes },
  { activity, ...reference }: RequestOf<typeof sessionContract.check>
): Promise<Result<ReplyOf<typeof sessionContract.check>, 'session_ended' | 'token_invalid' | 'user_blocked'>> {
  if (!isPossible(reference)) return fail('token_invalid')
  const outcome = await sessions.check(reference, { touch: activity })
  if (outcome.kind === 'unknown') return fail('token_invalid')
  if (outcome.kind === 'ended') {
    return fail('session_ended', { reason: outcome.reason, endedAt: toTimestamp(outcome.atMs) })
  }
  if (outcome.kind === 'blocked') return failBlocked(outcome)
  const { nowMs, session, user } = outcome
  return ok({
    user,
    session: describeSession(session, lifetimes),
    endsInMs: findAbsoluteDeadlineMs(session, lifetimes) - nowMs,
    idleEndsInMs: findIdleDeadlineMs(session, lifetimes) - nowMs,
    idleTtlMs: lifetimes.idleMs
  })
}
