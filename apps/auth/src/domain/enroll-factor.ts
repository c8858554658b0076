import type { ReplyOf, RequestOf } from '@latchkey/contracts/define'
import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { factorsContract } from '@latchkey/contracts/factors'
import type { FactorDeps } from './factor-ports.ts'
import { isFreshSignIn } from './fresh-sign-in.ts'

type Request = RequestOf<typeof factorsContract.enroll>
type Reply = ReplyOf<typeof factorsContract.enroll>
type Errors = 'factor_enabled' | 'reauthentication_required' | 'user_not_found'

/** Whom a trusted server signs in has shown no password, and could not sign in any more with a factor beside it. */
export async function enrollFactor(
  { users, factors, totp, now }: Pick<FactorDeps, 'users' | 'factors' | 'totp' | 'now'>,
  { userId, authenticatedAt, method }: Request
): Promise<Result<Reply, Errors>> {
  const user = await users.findById(userId)
  if (user === undefined) return fail('user_not_found')
  if (method === 'trusted' || !isFreshSignIn(authenticatedAt, now())) return fail('reauthentication_required')
  const { email, username, mobile } = user.profile
  const { secret, otpauthUri, sealed } = totp.create(userId, email ?? username ?? mobile ?? userId)
  const put = await factors.putPending(userId, sealed)
  return put.ok ? ok({ secret, otpauthUri }) : put
}
