import type { CallContext } from '@latchkey/contracts/define'
import { fail, failField, ok, type Result } from '@latchkey/contracts/errors'
import { isMalformedPassword, isOverlongPassword, normalizePassword } from './password-policy.ts'
import type { Credentials, Deps } from './ports.ts'
import { takeAttempt } from './take-attempt.ts'

export interface GivenPassword {
  readonly user: Credentials
  /** The field of the request that has it. */
  readonly field: string
  readonly password: string
}

/**
 * Whether somebody who is signed in knows the password as well: the verifier that it was found right by. Who is signed in
 * pays from a budget of their own, so that nobody outside keeps them from changing their password.
 */
export async function provePassword(
  deps: Pick<Deps, 'passwords' | 'attempts' | 'localBudgets'>,
  { user, field, password }: GivenPassword,
  context: CallContext
): Promise<Result<string, 'invalid_request' | 'wrong_password' | 'too_many_attempts' | 'unavailable'>> {
  if (isMalformedPassword(password)) return failField(field, 'malformed', 'must be well-formed text without NUL')
  if (isOverlongPassword(password)) return fail('wrong_password')
  const attempt = await takeAttempt(deps, { account: user.profile.id, origin: null }, context)
  if (!attempt.ok) return attempt
  const verified = await deps.passwords.verify(normalizePassword(password), user.verifier, context)
  if (!verified.ok) {
    await attempt.value.settle('void')
    return verified
  }
  const proof = verified.value.matches ? user.verifier : undefined
  await attempt.value.settle(proof === undefined ? 'wrong' : 'right')
  return proof === undefined ? fail('wrong_password') : ok(proof)
}
