import type { authContract, SignedIn } from '@latchkey/contracts/auth'
import type { CallContext, RequestOf } from '@latchkey/contracts/define'
import { type Failure, fail, failField, ok, type Result } from '@latchkey/contracts/errors'
import { canonicalizeEmail } from './email.ts'
import type { FactorDeps } from './factor-ports.ts'
import { reportFailedSignIn } from './failed-sign-in.ts'
import { findBlock } from './find-block.ts'
import { listCandidates } from './identifiers.ts'
import { openSession } from './open-session.ts'
import { isMalformedPassword, isOverlongPassword, normalizePassword } from './password-policy.ts'
import type { Credentials, Deps } from './ports.ts'
import { proveFactor } from './prove-factor.ts'
import { type OpenAttempt, takeAttempt } from './take-attempt.ts'
import { isPlainText } from './text.ts'
import { nameTriedAccount } from './tried-account.ts'

type Request = RequestOf<typeof authContract.signIn>
type Errors =
  | 'invalid_request'
  | 'invalid_credentials'
  | 'second_factor_required'
  | 'second_factor_invalid'
  | 'too_many_attempts'
  | 'user_blocked'
  | 'session_limit'
  | 'unavailable'

/**
 * One answer, one cost, for an unknown user and for a wrong password. That a user is blocked, or has a second factor, is
 * told only to who has the right password.
 */
export async function signIn(
  deps: FactorDeps,
  request: Request,
  context: CallContext
): Promise<Result<SignedIn, Errors>> {
  const { opening } = request
  const fault = findFault(request)
  if (fault !== undefined) return fault
  if (isOverlongPassword(request.password)) return fail('invalid_credentials')

  const password = normalizePassword(request.password)
  const verified = await verify(deps, { ...request, password }, context)
  if (!verified.ok) return verified
  const { user, outdatedVerifier } = verified.value
  const blocked = await findBlock(deps, verified.value, context)
  if (blocked !== undefined) return blocked
  const proved = await proveFactor(deps, { userId: user.profile.id, code: request.code })
  if (!proved.ok) {
    // They were deleted after the password had been found right.
    if (proved.code === 'user_not_found') return fail('invalid_credentials')
    if (proved.code === 'second_factor_invalid') reportFailedSignIn(deps, user, opening)
    return proved
  }

  const opened = await openSession(deps, { user, method: proved.value, opening }, context)
  if (!opened.ok) return opened
  if (outdatedVerifier !== undefined) {
    await upgradeVerifier(deps, { userId: user.profile.id, from: outdatedVerifier, password }, context)
  }
  return ok({ user: user.profile, ...opened.value })
}

function findFault({ identifier, password }: Request): Failure<'invalid_request'> | undefined {
  const { kind, value } = identifier
  if (!isPlainText(value)) {
    return failField(kind ?? 'identifier', 'malformed', 'must be text without control characters')
  }
  if (isMalformedPassword(password)) return failField('password', 'malformed', 'must be well-formed text without NUL')
  if (kind === 'email' && canonicalizeEmail(value) === undefined) {
    return failField('email', 'invalid_format', 'must be an e-mail address')
  }
  return undefined
}

interface Verified {
  readonly user: Credentials
  readonly attempt: OpenAttempt
  readonly outdatedVerifier: string | undefined
}

async function verify(
  deps: Deps,
  { identifier, password, opening }: Request,
  context: CallContext
): Promise<Result<Verified, 'invalid_credentials' | 'too_many_attempts' | 'unavailable'>> {
  // Before anything else is asked for: where ten times too many come, those who are refused cost next to nothing.
  if (!deps.passwords.hasRoom(context)) return fail('unavailable')
  const user = await deps.users.findByIdentifier(listCandidates(identifier))
  const { client, deviceId } = opening
  const account = nameTriedAccount(user, identifier)
  const taken = await takeAttempt(deps, { account, origin: { ipAddress: client.ipAddress, deviceId } }, context)
  if (!taken.ok) return taken
  const attempt = taken.value
  const verified = await deps.passwords.verify(password, user?.verifier, context)
  if (!verified.ok) {
    await attempt.settle('void')
    return verified
  }
  if (user !== undefined && verified.value.matches) {
    return ok({ user, attempt, outdatedVerifier: verified.value.outdated ? user.verifier : undefined })
  }
  await attempt.settle('wrong')
  if (user !== undefined) reportFailedSignIn(deps, user, opening)
  return fail('invalid_credentials')
}

/** A chance, not a duty: whatever fails here is done at a later sign-in. */
async function upgradeVerifier(
  { passwords, users }: Deps,
  { userId, from, password }: { userId: string; from: string; password: string },
  context: CallContext
): Promise<void> {
  try {
    const verifier = await passwords.hash(password, context)
    if (verifier.ok) await users.upgradeVerifier({ userId, from, to: verifier.value })
  } catch {
    // The store has logged that it is down, and the person has signed in.
  }
}
