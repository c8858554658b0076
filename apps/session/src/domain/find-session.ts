import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { Session } from '@latchkey/contracts/session-schema'
import { describeSession } from './describe-session.ts'
import type { Lifetimes, SessionStore } from './ports.ts'
import { isSessionId } from './references.ts'

/** Finds a session, live or ended, by its id alone. */
export async function findSession(
  { sessions, lifetimes }: { readonly sessions: SessionStore; readonly lifetimes: Lifetimes },
  { sessionId }: { readonly sessionId: string }
): Promise<Result<Session, 'session_not_found'>> {
  const session = isSessionId(sessionId) ? await sessions.find(sessionId) : undefined
  return session === undefined ? fail('session_not_found') : ok(describeSession(session, lifetimes))
}
