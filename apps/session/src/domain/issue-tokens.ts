import type { Tokens } from '@latchkey/contracts/session'
import { findAbsoluteDeadlineMs, findIdleDeadlineMs, toTimestamp } from './describe-session.ts'
import type { AccessTokenClaims, AccessTokens, Lifetimes, SessionRecord } from './ports.ts'

export interface TokenDeps {
  readonly accessTokens: AccessTokens
  readonly accessTokenTtlMs: number
  readonly lifetimes: Lifetimes
}

export interface Issue {
  readonly nowMs: number
  readonly session: SessionRecord
  /** `undefined` for a session whose access token lives as long as itself. */
  readonly refreshToken: string | undefined
}

/** The tokens that a session is opened with. */
export function issueFirstTokens(deps: TokenDeps, issue: Omit<Issue, 'nowMs'>): Promise<Tokens> {
  return issueTokens(deps, createFirstClaims(deps, issue.session), issue)
}

/** Later tokens of a session. */
export function issueNextTokens(deps: TokenDeps, issue: Issue): Promise<Tokens> {
  return issueTokens(deps, { ...createClaims(deps, issue.session, issue.nowMs), isFirst: false }, issue)
}

/**
 * The payload part of the access token that was handed out when the session was opened. It follows from the record of
 * the session and the configuration; another lifetime, issuer or audience since then would show.
 */
export function presentFirstPayload(deps: TokenDeps, session: SessionRecord): string {
  return deps.accessTokens.encodePayload(createFirstClaims(deps, session))
}

function createFirstClaims(deps: TokenDeps, session: SessionRecord) {
  return { ...createClaims(deps, session, session.createdAtMs), isFirst: true } as const
}

/** An access token ends with its session at the latest. */
function createClaims(
  { accessTokenTtlMs, lifetimes }: TokenDeps,
  session: SessionRecord,
  issuedAtMs: number
): Omit<AccessTokenClaims, 'isFirst'> {
  const { userId, id: sessionId } = session
  const absoluteMs = findAbsoluteDeadlineMs(session, lifetimes)
  const isForSession = session.tokens === 'session'
  const expiresAtMs = isForSession ? absoluteMs : Math.min(issuedAtMs + accessTokenTtlMs, absoluteMs)
  return { userId, sessionId, issuedAtMs, expiresAtMs, isForSession }
}

/** Signs the access token, and says how long the refresh token is good. */
async function issueTokens(
  { accessTokens, lifetimes }: TokenDeps,
  claims: AccessTokenClaims,
  { session, refreshToken }: Omit<Issue, 'nowMs'>
): Promise<Tokens> {
  const { token, expiresAtMs } = await accessTokens.issue(claims)
  const refreshableUntilMs = Math.min(
    findIdleDeadlineMs(session, lifetimes),
    findAbsoluteDeadlineMs(session, lifetimes)
  )
  return {
    accessToken: token,
    accessTokenExpiresAt: toTimestamp(expiresAtMs),
    refreshToken: refreshToken ?? null,
    refreshTokenExpiresAt: refreshToken === undefined ? null : toTimestamp(refreshableUntilMs)
  }
}
