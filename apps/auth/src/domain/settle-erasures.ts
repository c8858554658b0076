import type { CallOptions } from '@latchkey/contracts/define'
import type { AccountDeps } from './account-ports.ts'

type ErasureDeps = Pick<AccountDeps, 'erasures' | 'sessions' | 'activity'>

const BATCH = 20

/**
 * Has the other services forget a user whose rows are gone: sessions first, since nobody may act as that user any more.
 * `false` when one of them has not done so yet.
 */
export async function settleErasure(
  { erasures, sessions, activity }: ErasureDeps,
  userId: string,
  createCall: () => CallOptions
): Promise<boolean> {
  const ended = await sessions.erase({ userId }, createCall())
  if (!ended.ok) return false
  const forgotten = await activity.erase({ userId }, createCall())
  if (!forgotten.ok) return false
  await erasures.settle(userId)
  return true
}

/** Settles what a crash, or a service that was down, has left; one that fails does not keep the others waiting. */
export async function settleErasures(deps: ErasureDeps, createCall: () => CallOptions): Promise<void> {
  for (const userId of await deps.erasures.claim(BATCH)) await settleErasure(deps, userId, createCall)
}
