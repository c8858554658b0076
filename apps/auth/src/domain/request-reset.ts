import type { RequestOf } from '@latchkey/contracts/define'
import { fail, failField, ok, type Result } from '@latchkey/contracts/errors'
import type { recoveryContract } from '@latchkey/contracts/recovery'
import { canonicalizeEmail } from './email.ts'
import type { Deps } from './ports.ts'
import { getSource } from './source.ts'

type Done<E extends 'invalid_request' | 'too_many_attempts' | 'user_not_found'> = Promise<
  Result<Record<never, never>, E>
>

/** Changes nothing about the account, and tells nobody whether there is one. */
export async function requestReset(
  { recovery }: Pick<Deps, 'recovery'>,
  { email, client }: RequestOf<typeof recoveryContract.requestReset>
): Done<'invalid_request' | 'too_many_attempts'> {
  const address = canonicalizeEmail(email)
  if (address === undefined) return failField('email', 'invalid_format', 'must be an e-mail address')
  const requested = await recovery.requestReset({ address, source: getSource(client.ipAddress) })
  return requested.ok ? ok({}) : requested
}

export async function requestResetFor(
  { users, recovery }: Pick<Deps, 'users' | 'recovery'>,
  { userId }: RequestOf<typeof recoveryContract.requestResetFor>
): Done<'invalid_request' | 'user_not_found'> {
  const user = await users.findById(userId)
  if (user === undefined) return fail('user_not_found')
  const address = canonicalizeEmail(user.profile.email ?? '')
  if (address === undefined) return failField('email', 'required', 'must be there, to be written to')
  await recovery.requestResetFor({ userId, address })
  return ok({})
}
