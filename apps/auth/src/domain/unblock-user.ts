import type { adminContract } from '@latchkey/contracts/admin'
import type { CallContext, RequestOf } from '@latchkey/contracts/define'
import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { AdminDeps } from './admin-ports.ts'
import { isUserId } from './administered-user.ts'
import { callWithin } from './calls.ts'
import { SETTLE_TIMEOUT_MS, settleProfile } from './pending.ts'

/** Answers once the user's sessions work again; also for a user who was not blocked. */
export async function unblockUser(
  deps: AdminDeps,
  { userId, actor }: RequestOf<typeof adminContract.unblock>,
  context: CallContext
): Promise<Result<Record<never, never>, 'user_not_found' | 'unavailable'>> {
  if (!isUserId(userId)) return fail('user_not_found')
  const unblocked = await deps.admins.unblock(userId, (version) => ({
    id: `${userId}:unblocked:v${version}`,
    version: 1,
    name: 'userUnblocked',
    userId,
    occurredAt: deps.now().toISOString(),
    payload: { actor }
  }))
  if (!unblocked.ok) return unblocked
  const settled = await settleProfile(deps, unblocked.value, callWithin(context, SETTLE_TIMEOUT_MS))
  return settled ? ok({}) : fail('unavailable')
}
