import type { CallContext } from '@latchkey/contracts/define'
import type { Failure } from '@latchkey/contracts/errors'
import { callWithin } from './calls.ts'
import type { Deps } from './ports.ts'

const ADMIT_TIMEOUT_MS = 400

/**
 * Whether a user who has just proved who they are is kept out. Without an answer nobody is blocked: activity that is
 * down must not keep people out.
 */
export async function findBlock(
  { activity }: Pick<Deps, 'activity'>,
  userId: string,
  context: CallContext
): Promise<Failure<'user_blocked'> | undefined> {
  const admitted = await activity.admit({ userId, purpose: 'sign_in' }, callWithin(context, ADMIT_TIMEOUT_MS))
  return !admitted.ok && admitted.code === 'user_blocked' ? admitted : undefined
}
