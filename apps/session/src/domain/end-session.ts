import type { RequestOf } from '@latchkey/contracts/define'
import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { sessionContract } from '@latchkey/contracts/session'
import type { Session } from '@latchkey/contracts/session-schema'
import { describeSession } from './describe-session.ts'
import type { Lifetimes, SessionStore } from './ports.ts'
import { isPossible } from './references.ts'

/** Ends a session of the user; ending it again changes nothing and answers the same. */
export async function endSession(
  { sessions, lifetimes }: { readonly sessions: SessionStore; readonly lifetimes: Lifetimes },
  { reason, ...reference }: RequestOf<typeof sessionContract.end>
): Promise<Result<Session, 'session_not_found'>> {
  if (!isPossible(reference)) return fail('session_not_found')
  const session = await sessions.end(reference, reason)
  return session === undefined ? fail('session_not_found') : ok(describeSession(session, lifetimes))
}
