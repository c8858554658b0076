import type { CallContext } from '@latchkey/contracts/define'
import { fail, type Result } from '@latchkey/contracts/errors'
import type { OpenedSession, Opening } from '@latchkey/contracts/session'
import type { Method } from '@latchkey/contracts/session-schema'
import { callWithin } from './calls.ts'
import type { Deps, User } from './ports.ts'

/** A sign-in that ends other sessions is answered once that holds everywhere. */
const OPEN_TIMEOUT_MS = 3200

export interface ProvedUser {
  readonly user: User
  /** How they proved who they are. */
  readonly method: Method
  readonly opening: Opening
}

/** Opens the session of a user who has just proved who they are, under the epoch their credentials were read with. */
export async function openSession(
  { sessions }: Pick<Deps, 'sessions'>,
  { user, method, opening }: ProvedUser,
  context: CallContext
): Promise<Result<OpenedSession, 'session_limit' | 'invalid_credentials' | 'unavailable'>> {
  const { profile, profileVersion, epoch } = user
  const opened = await sessions.open(
    { user: profile, profileVersion, epoch, method, opening },
    callWithin(context, OPEN_TIMEOUT_MS)
  )
  if (opened.ok) return opened
  switch (opened.code) {
    case 'session_limit':
    case 'invalid_credentials':
      return opened
    case 'unavailable':
    case 'deadline_exceeded':
      return fail('unavailable')
    default:
      throw new Error(`session.open answered ${opened.code}`)
  }
}
