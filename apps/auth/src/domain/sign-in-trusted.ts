import type { authContract, SignedIn } from '@latchkey/contracts/auth'
import type { CallContext, RequestOf } from '@latchkey/contracts/define'
import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { FactorDeps } from './factor-ports.ts'
import { reportFailedSignIn } from './failed-sign-in.ts'
import { findBlock } from './find-block.ts'
import { listCandidates } from './identifiers.ts'
import { findName } from './names.ts'
import { openSession } from './open-session.ts'
import { hasFactor } from './prove-factor.ts'
import { takeAttempt } from './take-attempt.ts'

type Request = RequestOf<typeof authContract.signInTrusted>
type Errors =
  | 'user_not_found'
  | 'invalid_credentials'
  | 'second_factor_required'
  | 'too_many_attempts'
  | 'user_blocked'
  | 'session_limit'
  | 'unavailable'

/**
 * The trusted server has found out who it is; the name guards against a mistaken identifier, and is tried no more often
 * than a password.
 */
export async function signInTrusted(
  deps: FactorDeps,
  { identifier, name, opening }: Request,
  context: CallContext
): Promise<Result<SignedIn, Errors>> {
  const user = await deps.users.findByIdentifier(listCandidates(identifier))
  if (user === undefined) return fail('user_not_found')
  const { client, deviceId } = opening
  const origin = { ipAddress: client.ipAddress, deviceId }
  const taken = await takeAttempt(deps, { account: user.profile.id, origin }, context)
  if (!taken.ok) return taken
  const attempt = taken.value
  if (findName(user.profile) !== name) {
    await attempt.settle('wrong')
    reportFailedSignIn(deps, user, opening)
    return fail('invalid_credentials')
  }
  const blocked = await findBlock(deps, { user, attempt }, context)
  if (blocked !== undefined) return blocked
  if (await hasFactor(deps, user.profile.id)) return fail('second_factor_required')
  const opened = await openSession(deps, { user, method: 'trusted', opening }, context)
  return opened.ok ? ok({ user: user.profile, ...opened.value }) : opened
}
