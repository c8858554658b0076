import type { AdminBlock, adminContract } from '@latchkey/contracts/admin'
import type { CallContext, RequestOf } from '@latchkey/contracts/define'
import { fail, failField, ok, type Result } from '@latchkey/contracts/errors'
import type { AdminDeps } from './admin-ports.ts'
import { findAdminId, isUserId, presentBlock } from './administered-user.ts'
import { callWithin } from './calls.ts'
import { SETTLE_TIMEOUT_MS, settleProfile } from './pending.ts'

type Request = RequestOf<typeof adminContract.block>
type Errors = 'invalid_request' | 'user_not_found' | 'last_admin' | 'unavailable'

/** ISO 8601 with a time zone; how many digits a second has is the caller's choice. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/

/**
 * Answers once no request of the user is let through any more. Their sessions stay as they are and work again when the
 * block is over. It is part of the account, by which sign-ins are judged: no loss of a Redis lifts it for those. Requests
 * and refreshes are judged by the session service's copy: where its store went back to before the block, sessions in it
 * work until the next change of block or profile brings the copy up to date. `unavailable` after the block was set means
 * that it holds for sign-ins, and for requests as soon as the session service answers again.
 */
export async function blockUser(
  deps: AdminDeps,
  { userId, until: entered, note, actor }: Request,
  context: CallContext
): Promise<Result<AdminBlock, Errors>> {
  if (!isUserId(userId)) return fail('user_not_found')
  const until = entered === null ? ok(null) : readUntil(entered, deps.now())
  if (!until.ok) return until
  if (note !== null && !isStorable(note))
    return failField('reason', 'malformed', 'must be well-formed text without NUL')

  const change = { userId, until: until.value, note: note === '' ? null : note, adminId: findAdminId(actor) }
  const blocked = await deps.admins.block(change, (version) => ({
    id: `${userId}:blocked:v${version}`,
    version: 1,
    name: 'userBlocked',
    userId,
    occurredAt: deps.now().toISOString(),
    payload: { reason: 'admin', blockedUntil: until.value?.toISOString() ?? null, actor }
  }))
  if (!blocked.ok) return blocked
  const { user, block } = blocked.value
  const settled = await settleProfile(deps, user, callWithin(context, SETTLE_TIMEOUT_MS))
  return settled ? ok(presentBlock(block)) : fail('unavailable')
}

function readUntil(entered: string, now: Date): Result<Date, 'invalid_request'> {
  const until = new Date(TIME.test(entered) ? entered : Number.NaN)
  if (Number.isNaN(until.getTime())) {
    return failField('until', 'invalid_format', 'must be a time in ISO 8601 with a time zone')
  }
  return until > now ? ok(until) : failField('until', 'in_the_past', 'must be in the future')
}

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}
