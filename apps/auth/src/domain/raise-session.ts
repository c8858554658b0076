import type { CallContext } from '@latchkey/contracts/define'
import { fail, type Result } from '@latchkey/contracts/errors'
import type { OpenedSession, Opening } from '@latchkey/contracts/session'
import { callWithin } from './calls.ts'
import type { Deps, User } from './ports.ts'

/** Answered once the session before has ended everywhere. */
const RAISE_TIMEOUT_MS = 3200

export interface RaisedSession {
  readonly user: User
  /** The session that has just been used to prove a second factor. */
  readonly sessionId: string
  readonly opening: Opening
}

/** Another session, with other tokens, goes on in its place: what was known of the weaker one is worth nothing now. */
export async function raiseSession(
  { sessions }: Pick<Deps, 'sessions'>,
  { user: { profile, profileVersion, epoch }, sessionId, opening }: RaisedSession,
  context: CallContext
): Promise<Result<OpenedSession, 'session_ended' | 'token_invalid' | 'unavailable'>> {
  const opened = await sessions.open(
    { user: profile, profileVersion, epoch, method: 'password+totp', opening, replaces: sessionId },
    callWithin(context, RAISE_TIMEOUT_MS)
  )
  if (opened.ok) return opened
  switch (opened.code) {
    case 'session_ended':
    case 'token_invalid':
      return opened
    // The password was changed at this very moment: another attempt finds the new one.
    case 'invalid_credentials':
    case 'unavailable':
    case 'deadline_exceeded':
      return fail('unavailable')
    default:
      throw new Error(`session.open answered ${opened.code}`)
  }
}
