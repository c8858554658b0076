import type { authContract } from '@latchkey/contracts/auth'
import type { CallContext, RequestOf } from '@latchkey/contracts/define'
import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { EventOf } from '@latchkey/contracts/events'
import { callWithin } from './calls.ts'
import { findPasswordFault, normalizePassword } from './password-policy.ts'
import { SETTLE_TIMEOUT_MS, settleEnding } from './pending.ts'
import type { Credentials, Deps } from './ports.ts'
import { provePassword } from './prove-password.ts'

type Request = RequestOf<typeof authContract.changePassword>
type Errors = 'invalid_request' | 'wrong_password' | 'too_many_attempts' | 'user_not_found' | 'unavailable'

/**
 * Answers once every other session has ended. `unavailable` after the password was changed means that they end as
 * soon as the session service answers again.
 */
export async function changePassword(
  deps: Deps,
  request: Request,
  context: CallContext
): Promise<Result<Record<never, never>, Errors>> {
  const user = await deps.users.findById(request.userId)
  if (user === undefined) return fail('user_not_found')
  const given = { user, field: 'currentPassword', password: request.currentPassword }
  const proved = await provePassword(deps, given, context)
  if (!proved.ok) return proved
  const verifier = await hashNewPassword(deps, { user, newPassword: request.newPassword }, context)
  if (!verifier.ok) return verifier

  const { userId, sessionId } = request
  const change = { userId, from: proved.value, to: verifier.value, exceptSessionId: sessionId }
  const ending = await deps.users.replacePassword(change, describePasswordChange(deps, userId))
  if (ending === undefined) return fail('wrong_password')
  const settled = await settleEnding(deps, ending, callWithin(context, SETTLE_TIMEOUT_MS))
  return settled ? ok({}) : fail('unavailable')
}

/** The event of a change, by the credential epoch that begins with it. */
export function describePasswordChange({ now }: Pick<Deps, 'now'>, userId: string) {
  return (epoch: number): EventOf<'passwordChanged'> => ({
    id: `${userId}:password:${epoch}`,
    version: 1,
    name: 'passwordChanged',
    userId,
    occurredAt: now().toISOString(),
    payload: {}
  })
}

/** The verifier of a password that the policy allows this user. */
export async function hashNewPassword(
  { passwords, policy }: Pick<Deps, 'passwords' | 'policy'>,
  { user, newPassword }: { user: Credentials; newPassword: string },
  context: CallContext
): Promise<Result<string, 'invalid_request' | 'unavailable'>> {
  const { email, username, mobile } = user.profile
  const identifiers = [email, username, mobile].filter((identifier) => identifier !== null)
  const candidate = { field: 'newPassword', password: newPassword, rules: 'platform', identifiers } as const
  const fault = findPasswordFault(candidate, policy)
  if (fault !== undefined) return fail('invalid_request', { errors: [fault] })
  return await passwords.hash(normalizePassword(newPassword), context)
}
