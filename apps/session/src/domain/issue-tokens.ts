import type { Role } from '@latchkey/contracts/ids'
import type { Tokens } from '@latchkey/contracts/tokens'
import type { AccessTokenClaims, AccessTokens } from './access-tokens.ts'
import { findAbsoluteDeadlineMs, findIdleDeadlineMs, toTimestamp } from './describe-session.ts'
import type { Lifetimes, SessionRecord } from './ports.ts'

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

/** Later tokens of a session; `role` is the one its user has now. */
export function issueNextTokens(deps: TokenDeps, issue: Issue & { readonly role: Role }): Promise<Tokens> {
  const { session, nowMs, role } = issue
  return issueTokens(deps, { ...createClaims(deps, session, { issuedAtMs: nowMs, role }), isFirst: false }, issue)
}

/**
 * The payload part of the access token that was handed out when the session was opened. It follows from the record of
 * the session and the configuration; another lifetime, issuer or audience since then would show.
 */
export function presentFirstPayload(deps: TokenDeps, session: SessionRecord): string {
  return deps.accessTokens.encodePayload(createFirstClaims(deps, session))
}

function createFirstClaims(deps: TokenDeps, session: SessionRecord) {
  const { createdAtMs: issuedAtMs, openedAs: role } = session
  return { ...createClaims(deps, session, { issuedAtMs, role }), isFirst: true } as const
}

/** An access token ends with its session at the latest. One that lives as long as the session outlives any role. */
function createClaims(
  { accessTokenTtlMs, lifetimes }: TokenDeps,
  session: SessionRecord,
  { issuedAtMs, role }: Pick<AccessTokenClaims, 'issuedAtMs' | 'role'>
): Omit<AccessTokenClaims, 'isFirst'> {
  const { userId, id: sessionId } = session
  const absoluteMs = findAbsoluteDeadlineMs(session, lifetimes)
  const isForSession = session.tokens === 'session'
  const expiresAtMs = isForSession ? absoluteMs : Math.min(issuedAtMs + accessTokenTtlMs, absoluteMs)
  return { userId, sessionId, issuedAtMs, expiresAtMs, isForSession, role: isForSession ? undefined : role }
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
