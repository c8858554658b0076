import type { SignedIn } from '@latchkey/contracts/auth'
import type { CallContext } from '@latchkey/contracts/define'
import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { Opening } from '@latchkey/contracts/session'
import { callWithin } from './calls.ts'
import type { Deps, User } from './ports.ts'

const OPEN_TIMEOUT_MS = 1500

/** Opens the session of a user who has just proved who they are, under the epoch their password was read with. */
export async function openSession(
  { sessions }: Pick<Deps, 'sessions'>,
  { user, opening }: { user: User; opening: Opening },
  context: CallContext
): Promise<Result<SignedIn, 'session_limit' | 'invalid_credentials' | 'unavailable'>> {
  const { profile, profileVersion, epoch } = user
  const opened = await sessions.open(
    { user: profile, profileVersion, epoch, method: 'password', opening },
    callWithin(context, OPEN_TIMEOUT_MS)
  )
  if (opened.ok) return ok({ user: profile, ...opened.value })
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
