import type { CallContext, RequestOf } from '@latchkey/contracts/define'
import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { OpenedSession, sessionContract } from '@latchkey/contracts/session'
import type { Device } from '@latchkey/contracts/session-schema'
import type { Announce } from './announcement-ports.ts'
import { describeSession, toTimestamp } from './describe-session.ts'
import { issueFirstTokens, type TokenDeps } from './issue-tokens.ts'
import type { Policy, SessionRecord, SessionStore } from './ports.ts'
import { isPossible, shardOf } from './references.ts'
import type { RefreshTokens } from './refresh-tokens.ts'

export interface OpenDeps extends TokenDeps {
  readonly sessions: SessionStore
  readonly announce: Announce
  readonly refreshTokens: RefreshTokens
  readonly policy: Policy
  /** 32 characters of base64url that nobody can guess. */
  readonly createSecret: () => string
  /** A user agent in words for people. */
  readonly nameDevice: (userAgent: string) => string
}

type OpenRequest = RequestOf<typeof sessionContract.open>
type Errors = 'session_limit' | 'invalid_credentials' | 'session_ended' | 'token_invalid' | 'unavailable'

/** Opens a session for a user who has just proved who they are, as the concurrency policy allows. */
export async function openSession(
  deps: OpenDeps,
  { user, profileVersion, epoch, method, opening, replaces }: OpenRequest,
  context: CallContext
): Promise<Result<OpenedSession, Errors>> {
  if (replaces !== undefined && !isPossible({ userId: user.id, sessionId: replaces })) return fail('token_invalid')
  const id = `${shardOf(user.id)}${deps.createSecret()}`
  const first = opening.tokens === 'pair' ? deps.refreshTokens.create({ userId: user.id, sessionId: id }) : undefined
  const outcome = await deps.sessions.open({
    id,
    user,
    profileVersion,
    epoch,
    method,
    tokens: opening.tokens,
    device: describeDevice(deps, opening),
    refreshTokenHash: first?.hash,
    policy: opening.policy === 'single' ? { kind: 'single' } : deps.policy,
    replaces
  })
  if (outcome.kind === 'unknown') return fail('token_invalid')
  if (outcome.kind === 'ended') {
    return fail('session_ended', { reason: outcome.reason, endedAt: toTimestamp(outcome.atMs) })
  }
  if (outcome.kind === 'stale_epoch') return fail('invalid_credentials')
  const describeAll = (sessions: readonly SessionRecord[]) =>
    sessions.map((session) => describeSession(session, deps.lifetimes))
  if (outcome.kind === 'limit') return fail('session_limit', { sessions: describeAll(outcome.sessions) })

  const { session, concurrent, replaced, newDevice, unannounced } = outcome
  const announced = await deps.announce({ userId: user.id, items: [], unannounced }, context)
  if (!announced.ok) return announced
  const tokens = await issueFirstTokens(deps, { session, refreshToken: first?.token })
  const notices = { concurrent: describeAll(concurrent), replaced: describeAll(replaced), newDevice }
  return ok({ session: describeSession(session, deps.lifetimes), tokens, notices })
}

function describeDevice(deps: OpenDeps, { client, deviceId }: OpenRequest['opening']): Device {
  const userAgent = client.userAgent.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ').toWellFormed()
  return { id: deviceId, name: deps.nameDevice(userAgent), userAgent, ip: client.ipAddress }
}
