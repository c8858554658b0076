import type { CallContext, ReplyOf, RequestOf } from '@latchkey/contracts/define'
import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { factorsContract } from '@latchkey/contracts/factors'
import { callWithin } from './calls.ts'
import type { FactorDeps } from './factor-ports.ts'
import { SETTLE_TIMEOUT_MS, settleEndingsOf } from './pending.ts'
import { CODE_BUDGET, takeTotpCode } from './prove-factor.ts'
import { raiseSession } from './raise-session.ts'

type Request = RequestOf<typeof factorsContract.confirm>
type Reply = ReplyOf<typeof factorsContract.confirm>
type Errors =
  | 'wrong_code'
  | 'factor_enabled'
  | 'too_many_attempts'
  | 'user_not_found'
  | 'session_ended'
  | 'token_invalid'
  | 'unavailable'

/**
 * The session goes on first, then the factor takes effect: whatever fails in between, nobody has a factor without
 * having been shown its recovery codes.
 */
export async function confirmFactor(
  deps: FactorDeps,
  { userId, sessionId, code: given, opening }: Request,
  context: CallContext
): Promise<Result<Reply, Errors>> {
  const user = await deps.users.findById(userId)
  if (user === undefined) return fail('user_not_found')
  // The session may be one that has yet to end, and what takes its place under the epoch of today would not end with it.
  // A change since the user was read voids that epoch.
  const settled = await settleEndingsOf(deps, userId, callWithin(context, SETTLE_TIMEOUT_MS))
  if (!settled) return fail('unavailable')
  const secret = await provePendingSecret(deps, { userId, code: given })
  if (!secret.ok) return secret
  const raised = await raiseSession(deps, { user, sessionId, opening }, context)
  if (!raised.ok) return raised

  const codes = deps.recoveryCodes.create()
  const codeHashes = codes.map(({ hash }) => hash)
  const enabled = await deps.factors.enable(userId, { secret: secret.value, codeHashes }, createEvent(deps, userId))
  // Another secret has taken its place meanwhile.
  if (!enabled) return fail('wrong_code')
  const { session, tokens } = raised.value
  return ok({ recoveryCodes: codes.map(({ code }) => code), session, tokens })
}

/** The sealed secret that the code is a right one of. */
async function provePendingSecret(
  deps: FactorDeps,
  { userId, code }: Pick<Request, 'userId' | 'code'>
): Promise<Result<Buffer, 'wrong_code' | 'factor_enabled' | 'too_many_attempts' | 'user_not_found'>> {
  const factor = await deps.factors.find(userId)
  if (factor === undefined) return fail('wrong_code')
  if (factor.state === 'on') return fail('factor_enabled')
  const counted = await deps.factors.countAttempt(userId, CODE_BUDGET)
  if (!counted.ok) return counted
  const { secret } = factor
  return (await takeTotpCode(deps, { userId, code, secret })) ? ok(secret) : fail('wrong_code')
}

function createEvent({ newId, now }: Pick<FactorDeps, 'newId' | 'now'>, userId: string) {
  return {
    id: newId(),
    version: 1,
    name: 'factorEnabled',
    userId,
    occurredAt: now().toISOString(),
    payload: {}
  } as const
}
