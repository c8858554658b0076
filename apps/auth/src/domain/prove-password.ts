import type { CallContext } from '@latchkey/contracts/define'
import { fail, failField, ok, type Result } from '@latchkey/contracts/errors'
import { isMalformedPassword, isOverlongPassword, normalizePassword } from './password-policy.ts'
import type { Credentials, Deps } from './ports.ts'

export interface GivenPassword {
  readonly user: Credentials
  /** The field of the request that has it. */
  readonly field: string
  readonly password: string
}

/** Whether somebody who is signed in knows the password as well: the verifier that it was found right by. */
export async function provePassword(
  { passwords }: Pick<Deps, 'passwords'>,
  { user, field, password }: GivenPassword,
  context: CallContext
): Promise<Result<string, 'invalid_request' | 'wrong_password' | 'unavailable'>> {
  if (isMalformedPassword(password)) return failField(field, 'malformed', 'must be well-formed text without NUL')
  if (isOverlongPassword(password)) return fail('wrong_password')
  const verified = await passwords.verify(normalizePassword(password), user.verifier, context)
  if (!verified.ok) return verified
  return user.verifier !== undefined && verified.value.matches ? ok(user.verifier) : fail('wrong_password')
}
