import type { activityContract } from '@latchkey/contracts/activity'
import type { CallContext, Client, ReplyOf } from '@latchkey/contracts/define'
import { type Failure, fail, ok, type Result } from '@latchkey/contracts/errors'
import type { EndReason } from '@latchkey/contracts/ids'
import type { sessionContract } from '@latchkey/contracts/session'
import type { Announce, Stored } from './announcement-ports.ts'
import { describeSession, failBlocked, toTimestamp } from './describe-session.ts'
import { issueNextTokens, type TokenDeps } from './issue-tokens.ts'
import type { SessionStore } from './ports.ts'
import type { SessionReference } from './references.ts'
import type { RefreshTokens } from './refresh-tokens.ts'

export interface RefreshDeps extends TokenDeps {
  readonly sessions: SessionStore
  readonly announce: Announce
  readonly refreshTokens: RefreshTokens
  readonly activity: Pick<Client<typeof activityContract>, 'admit'>
  readonly log: { warn(fields: object, text: string): void }
}

/** A block may be missed rather than a person be locked out by a neighbour that does not answer. */
const ADMIT_TIMEOUT_MS = 300
const MARGIN_MS = 100

type RefreshError = 'refresh_invalid' | 'session_ended' | 'user_blocked' | 'unavailable'

/** Exchanges a refresh token for a new pair. It is no activity: the idle deadline stays where it is. */
export async function refreshSession(
  deps: RefreshDeps,
  { refreshToken }: { readonly refreshToken: string },
  context: CallContext
): Promise<Result<ReplyOf<typeof sessionContract.refresh>, RefreshError>> {
  const presented = deps.refreshTokens.read(refreshToken)
  if (presented === undefined) return fail('refresh_invalid')
  // Before the rotation, so that a token refused for a block is as good as before once the block is over.
  const block = await findBlock(deps, presented.userId, context)
  if (block !== undefined) return block

  const outcome = await deps.sessions.rotate(presented)
  if (outcome.kind === 'unknown') return fail('refresh_invalid')
  if (outcome.kind === 'blocked') return failBlocked(outcome)
  if (outcome.kind === 'reused') {
    const { userId, sessionId } = presented
    deps.log.warn({ userId, sessionId, requestId: context.requestId }, 'refresh token used twice; its session ended')
  }
  if (outcome.kind !== 'rotated') {
    const announced = await announceReuse(deps, presented, outcome, context)
    if (!announced.ok) return announced
    return fail('session_ended', { reason: outcome.reason, endedAt: toTimestamp(outcome.atMs) })
  }
  const { nowMs, session, user } = outcome
  const tokens = await issueNextTokens(deps, {
    nowMs,
    session,
    role: user.role,
    refreshToken: presented.successor.token
  })
  return ok({ user, session: describeSession(session, deps.lifetimes), tokens })
}

/** Also when the reuse was noticed before: the call that did may have crashed before it could announce that. */
async function announceReuse(
  { announce }: RefreshDeps,
  { userId, sessionId }: SessionReference,
  { reason, unannounced = [] }: { readonly reason: EndReason } & Partial<Stored>,
  context: CallContext
): Promise<Result<void, 'unavailable'>> {
  if (reason !== 'refresh_reuse') return ok(undefined)
  return await announce({ userId, items: [{ kind: 'session', id: sessionId }], unannounced }, context)
}

async function findBlock(
  { activity }: RefreshDeps,
  userId: string,
  { requestId, traceparent, remainingMs }: CallContext
): Promise<Failure<'user_blocked'> | undefined> {
  const timeoutMs = Math.min(ADMIT_TIMEOUT_MS, remainingMs() - MARGIN_MS)
  const admission = await activity.admit({ userId, purpose: 'background' }, { requestId, traceparent, timeoutMs })
  return !admission.ok && admission.code === 'user_blocked' ? admission : undefined
}
