import type { accountsContract } from '@latchkey/contracts/accounts'
import type { CallContext, RequestOf } from '@latchkey/contracts/define'
import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { PlatformEvent } from '@latchkey/contracts/events'
import type { Actor } from '@latchkey/contracts/ids'
import type { AccountDeps } from './account-ports.ts'
import { callWithin } from './calls.ts'
import { SETTLE_TIMEOUT_MS } from './pending.ts'
import { provePassword } from './prove-password.ts'
import { settleErasure } from './settle-erasures.ts'

type Errors = 'user_not_found' | 'last_admin' | 'unavailable'
type Done = Record<never, never>

/**
 * Answers once nobody can act as the user and everything about them is gone. `unavailable` after the user was deleted
 * means that this comes true as soon as the other services answer; asked again, it waits for that.
 */
export async function deleteOwnAccount(
  deps: AccountDeps,
  { userId, password }: RequestOf<typeof accountsContract.deleteOwn>,
  context: CallContext
): Promise<Result<Done, Errors | 'invalid_request' | 'wrong_password' | 'too_many_attempts'>> {
  const user = await deps.users.findById(userId)
  if (user === undefined) return await finishErasure(deps, userId, context)
  const proved = await provePassword(deps, { user, field: 'password', password }, context)
  if (!proved.ok) return proved
  const deleted = await deps.erasures.deleteUser({ userId, epoch: user.epoch }, describeDeletion(deps, undefined))
  if (deleted.ok && !deleted.value) return fail('wrong_password')
  return await conclude(deps, { userId, deleted }, context)
}

/** The same for an admin, who proves nothing but to be one. */
export async function deleteAccount(
  deps: AccountDeps,
  { userId, adminId }: RequestOf<typeof accountsContract.delete>,
  context: CallContext
): Promise<Result<Done, Errors>> {
  const actor: Actor = { kind: 'admin', id: adminId === userId ? null : adminId }
  const deleted = await deps.erasures.deleteUser({ userId, epoch: undefined }, describeDeletion(deps, actor))
  return await conclude(deps, { userId, deleted }, context)
}

interface Outcome {
  readonly userId: string
  readonly deleted: Result<boolean, 'user_not_found' | 'last_admin'>
}

async function conclude(
  deps: AccountDeps,
  { userId, deleted }: Outcome,
  context: CallContext
): Promise<Result<Done, Errors>> {
  if (deleted.ok) return await settle(deps, userId, context)
  return deleted.code === 'user_not_found' ? await finishErasure(deps, userId, context) : deleted
}

/** Names nobody: what is left of a deleted user leads to no one. */
function describeDeletion({ newPseudonym, now }: AccountDeps, actor: Actor | undefined): PlatformEvent {
  const userId = newPseudonym()
  return {
    id: `${userId}:deleted`,
    version: 1,
    name: 'userDeleted',
    userId,
    occurredAt: now().toISOString(),
    payload: actor === undefined ? {} : { actor }
  }
}

async function finishErasure(
  deps: AccountDeps,
  userId: string,
  context: CallContext
): Promise<Result<Done, 'user_not_found' | 'unavailable'>> {
  return (await deps.erasures.claimOne(userId)) ? await settle(deps, userId, context) : fail('user_not_found')
}

async function settle(deps: AccountDeps, userId: string, context: CallContext): Promise<Result<Done, 'unavailable'>> {
  const settled = await settleErasure(deps, userId, () => callWithin(context, SETTLE_TIMEOUT_MS))
  return settled ? ok({}) : fail('unavailable')
}
