import type { CallContext, RequestOf } from '@latchkey/contracts/define'
import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { recoveryContract } from '@latchkey/contracts/recovery'
import { callWithin } from './calls.ts'
import { describePasswordChange, hashNewPassword } from './change-password.ts'
import { hashToken } from './link-token.ts'
import { SETTLE_TIMEOUT_MS, settleEnding } from './pending.ts'
import type { Deps } from './ports.ts'

type Request = RequestOf<typeof recoveryContract.resetPassword>
type Errors = 'invalid_request' | 'link_invalid' | 'unavailable'

const FORGIVE_TIMEOUT_MS = 400

/**
 * Answers once every session has ended; `unavailable` after the password was changed means that they end as soon as the
 * session service answers again. A password that the policy refuses leaves the link as it was.
 */
export async function resetPassword(
  deps: Deps,
  { token, newPassword }: Request,
  context: CallContext
): Promise<Result<Record<never, never>, Errors>> {
  const hash = hashToken(token)
  const userId = await deps.recovery.findReset(hash)
  const user = userId === undefined ? undefined : await deps.users.findById(userId)
  if (userId === undefined || user === undefined) return fail('link_invalid')
  const verifier = await hashNewPassword(deps, { user, newPassword }, context)
  if (!verifier.ok) return verifier

  const ending = await deps.recovery.resetPassword(
    { userId, hash, to: verifier.value },
    describePasswordChange(deps, userId)
  )
  if (ending === undefined) return fail('link_invalid')
  // Whoever reads the user's mail is the user, who may have been kept out by somebody else's attempts.
  const [settled] = await Promise.all([
    settleEnding(deps, ending, callWithin(context, SETTLE_TIMEOUT_MS)),
    deps.attempts.forgive({ userId }, callWithin(context, FORGIVE_TIMEOUT_MS))
  ])
  return settled ? ok({}) : fail('unavailable')
}
