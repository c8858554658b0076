import type { Tokens } from '@latchkey/contracts/session'
import { findAbsoluteDeadlineMs, findIdleDeadlineMs, toTimestamp } from './describe-session.ts'
import type { AccessTokens, Lifetimes, SessionRecord } from './ports.ts'

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

/** Signs an access token that ends with its session at the latest, and says how long the refresh token is good. */
export async function issueTokens(deps: TokenDeps, { nowMs, session, refreshToken }: Issue): Promise<Tokens> {
  const absoluteMs = findAbsoluteDeadlineMs(session, deps.lifetimes)
  const isForSession = session.tokens === 'session'
  const { token, expiresAtMs } = await deps.accessTokens.issue({
    userId: session.userId,
    sessionId: session.id,
    issuedAtMs: nowMs,
    expiresAtMs: isForSession ? absoluteMs : Math.min(nowMs + deps.accessTokenTtlMs, absoluteMs),
    isForSession
  })
  const refreshableUntilMs = Math.min(findIdleDeadlineMs(session, deps.lifetimes), absoluteMs)
  return {
    accessToken: token,
    accessTokenExpiresAt: toTimestamp(expiresAtMs),
    refreshToken: refreshToken ?? null,
    refreshTokenExpiresAt: refreshToken === undefined ? null : toTimestamp(refreshableUntilMs)
  }
}
