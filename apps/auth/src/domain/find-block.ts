import type { CallContext } from '@latchkey/contracts/define'
import { type Failure, fail } from '@latchkey/contracts/errors'
import { callWithin } from './calls.ts'
import type { Deps, User, UserBlock } from './ports.ts'
import type { OpenAttempt } from './take-attempt.ts'

const ADMIT_TIMEOUT_MS = 400

/**
 * Whether a user who has just proved who they are is kept out: by an admin, as their account says, or else by what the
 * activity service knows. Without its answer nobody is blocked: activity that is down must not keep people out. Settles
 * the attempt by which they have proved it.
 */
export async function findBlock(
  { activity, now }: Pick<Deps, 'activity' | 'now'>,
  { user, attempt }: { readonly user: User; readonly attempt: OpenAttempt },
  context: CallContext
): Promise<Failure<'user_blocked'> | undefined> {
  const { profile, block } = user
  const { shared } = attempt
  if (block !== undefined || shared === undefined) await attempt.settle('right')
  if (block !== undefined) return failBlocked(block, now())
  const question = { userId: profile.id, purpose: 'sign_in', ...(shared && { attempt: shared }) } as const
  const admitted = await activity.admit(question, callWithin(context, ADMIT_TIMEOUT_MS))
  return !admitted.ok && admitted.code === 'user_blocked' ? admitted : undefined
}

function failBlocked({ until }: UserBlock, now: Date): Failure<'user_blocked'> {
  const remainingMs = until === undefined ? undefined : until.getTime() - now.getTime()
  return fail('user_blocked', {
    reason: 'admin',
    blockedUntil: until?.toISOString() ?? null,
    retryAfterSeconds: remainingMs === undefined ? null : Math.max(1, Math.ceil(remainingMs / 1000))
  })
}
