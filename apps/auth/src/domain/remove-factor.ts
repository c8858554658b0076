import type { CallContext, RequestOf } from '@latchkey/contracts/define'
import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { EventOf } from '@latchkey/contracts/events'
import type { factorsContract } from '@latchkey/contracts/factors'
import { callWithin } from './calls.ts'
import type { FactorDeps, FactorRemoval } from './factor-ports.ts'
import { SETTLE_TIMEOUT_MS, settleEnding } from './pending.ts'
import { provePassword } from './prove-password.ts'

type Nothing = Record<never, never>

/** Whoever is signed in elsewhere, by a factor that may not be the user's own any more, is signed out. */
export async function removeFactor(
  deps: FactorDeps,
  { userId, sessionId, password }: RequestOf<typeof factorsContract.remove>,
  context: CallContext
): Promise<
  Result<Nothing, 'invalid_request' | 'wrong_password' | 'too_many_attempts' | 'user_not_found' | 'unavailable'>
> {
  const user = await deps.users.findById(userId)
  if (user === undefined) return fail('user_not_found')
  const proved = await provePassword(deps, { user, field: 'password', password }, context)
  if (!proved.ok) return proved
  const removal = { userId, exceptSessionId: sessionId, reason: 'revoked_by_user', adminId: null } as const
  return await settleRemoval(deps, removal, {}, context)
}

export async function removeFactorFor(
  deps: FactorDeps,
  { userId, adminId }: RequestOf<typeof factorsContract.removeFor>,
  context: CallContext
): Promise<Result<Nothing, 'user_not_found' | 'unavailable'>> {
  if ((await deps.users.findById(userId)) === undefined) return fail('user_not_found')
  const removal = { userId, exceptSessionId: null, reason: 'revoked_by_admin', adminId } as const
  return await settleRemoval(deps, removal, { actor: { kind: 'admin', id: adminId } }, context)
}

/**
 * Answers once the sessions have ended. `unavailable` after the factor was removed means that they end as soon as the
 * session service answers again.
 */
async function settleRemoval(
  deps: FactorDeps,
  removal: FactorRemoval,
  payload: EventOf<'factorRemoved'>['payload'],
  context: CallContext
): Promise<Result<Nothing, 'unavailable'>> {
  const { userId } = removal
  const ending = await deps.factors.remove(removal, (epoch) => ({
    id: `${userId}:factor:${epoch}`,
    version: 1,
    name: 'factorRemoved',
    userId,
    occurredAt: deps.now().toISOString(),
    payload
  }))
  if (ending === undefined) return ok({})
  const settled = await settleEnding(deps, ending, callWithin(context, SETTLE_TIMEOUT_MS))
  return settled ? ok({}) : fail('unavailable')
}
