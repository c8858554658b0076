import type { CallContext, RequestOf } from '@latchkey/contracts/define'
import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { recoveryContract } from '@latchkey/contracts/recovery'
import { callWithin } from './calls.ts'
import { hashToken } from './link-token.ts'
import { SETTLE_TIMEOUT_MS, settleProfile } from './pending.ts'
import type { Deps } from './ports.ts'

type Request = RequestOf<typeof recoveryContract.verifyEmail>
type Errors = 'link_invalid' | 'identifier_taken' | 'unavailable'

/**
 * Answers once whoever asks "who am I" sees the verified address. Where it replaces another one, links that went to that
 * one are void; sessions go on, since whoever asked for the change had just signed in. `unavailable` after the link was
 * used means that the address is verified and soon seen to be.
 */
export async function verifyEmail(
  deps: Pick<Deps, 'recovery' | 'sessions' | 'pending' | 'now'>,
  { token }: Request,
  context: CallContext
): Promise<Result<Record<never, never>, Errors>> {
  const hash = hashToken(token)
  const userId = await deps.recovery.findVerification(hash)
  if (userId === undefined) return fail('link_invalid')
  const verified = await deps.recovery.verifyEmail({ userId, hash }, (version, fields) => ({
    id: `${userId}:profile:${version}`,
    version: 1,
    name: 'profileChanged',
    userId,
    occurredAt: deps.now().toISOString(),
    payload: { fields }
  }))
  if (!verified.ok) return verified
  const settled = await settleProfile(deps, verified.value, callWithin(context, SETTLE_TIMEOUT_MS))
  return settled ? ok({}) : fail('unavailable')
}
