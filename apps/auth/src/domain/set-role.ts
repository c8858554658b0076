import type { AdministeredUser, adminContract } from '@latchkey/contracts/admin'
import type { CallContext, RequestOf } from '@latchkey/contracts/define'
import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { PlatformEvent } from '@latchkey/contracts/events'
import type { AdminDeps } from './admin-ports.ts'
import { findAdminId, isUserId, presentAdministeredUser } from './administered-user.ts'
import { callWithin } from './calls.ts'
import { SETTLE_TIMEOUT_MS, settleEnding, settleProfile } from './pending.ts'

type Request = RequestOf<typeof adminContract.setRole>
type Errors = 'user_not_found' | 'last_admin' | 'unavailable'

/**
 * Answers once everybody judges by the new role and, where the role was lost, every session has ended. `unavailable`
 * after the role was changed means that this comes true as soon as the session service answers again.
 */
export async function setRole(
  deps: AdminDeps,
  { userId, role, actor }: Request,
  context: CallContext
): Promise<Result<AdministeredUser, Errors>> {
  if (!isUserId(userId)) return fail('user_not_found')
  const change = { userId, role, adminId: findAdminId(actor) }
  const describe = (version: number) => describeRole(deps, { userId, role, actor }, version)
  const changed = await deps.admins.setRole(change, describe)
  if (!changed.ok) return changed
  const { user, ending } = changed.value
  const call = callWithin(context, SETTLE_TIMEOUT_MS)
  // Also for a role that the user had already: whoever set it before may have crashed before all of it was so.
  const settled = await Promise.all([
    settleProfile(deps, user, call),
    ending === undefined ? true : settleEnding(deps, ending, call)
  ])
  return settled.every(Boolean) ? ok(presentAdministeredUser(user)) : fail('unavailable')
}

export function describeRole({ now }: Pick<AdminDeps, 'now'>, change: Request, version: number): PlatformEvent {
  const { userId, role, actor } = change
  return {
    id: `${userId}:role:${version}`,
    version: 1,
    name: 'roleChanged',
    userId,
    occurredAt: now().toISOString(),
    payload: { role, actor }
  }
}
