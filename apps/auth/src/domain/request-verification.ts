import type { RequestOf } from '@latchkey/contracts/define'
import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { recoveryContract } from '@latchkey/contracts/recovery'
import { canonicalizeEmail } from './email.ts'
import type { Deps } from './ports.ts'

type Request = RequestOf<typeof recoveryContract.requestVerification>

/** Sends nothing to who has no address, or only a verified one, nor more than a few mails an hour. */
export async function requestVerification(
  { users, recovery }: Pick<Deps, 'users' | 'recovery'>,
  { userId }: Request
): Promise<Result<Record<never, never>, 'user_not_found'>> {
  const user = await users.findById(userId)
  if (user === undefined) return fail('user_not_found')
  const address = canonicalizeEmail(user.profile.email ?? '')
  if (address !== undefined) await recovery.requestVerification({ userId, address })
  return ok({})
}
