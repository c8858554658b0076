import type { AdministeredUser } from '@latchkey/contracts/admin'
import type { Profile } from '@latchkey/contracts/ids'
import type { Notices } from '@latchkey/contracts/session'
import type { Session } from '@latchkey/contracts/session-schema'
import type { Tokens } from '@latchkey/contracts/tokens'

/** A session as its owner sees it; `currentId` is the session that asks. */
export function presentSession({ userId: _, ...session }: Session, currentId: string | undefined) {
  return { ...session, current: session.id === currentId }
}

export function presentUser(profile: Profile, lastActiveAt: string | null) {
  return { ...profile, lastActiveAt }
}

/** A user as admins see them. */
export function presentAdmin({ block, ...profile }: AdministeredUser, lastActiveAt: string | null) {
  return { ...presentUser(profile, lastActiveAt), block }
}

/** What the new session is told about the others: one entry for each thing there is to tell. */
export function presentNotices({ concurrent, replaced, newDevice }: Notices) {
  const present = (sessions: readonly Session[]) => sessions.map((session) => presentSession(session, undefined))
  return [
    ...(concurrent.length > 0 ? [{ type: 'concurrent_sessions' as const, sessions: present(concurrent) }] : []),
    ...(newDevice ? [{ type: 'new_device' as const }] : []),
    ...(replaced.length > 0 ? [{ type: 'sessions_replaced' as const, sessions: present(replaced) }] : [])
  ]
}

export interface SignedInParts {
  readonly user: Profile
  readonly session: Session
  readonly tokens: Tokens
  readonly notices: Notices
}

/** The answer to a sign-in; the tokens stay out of it where they travel as cookies. */
export function presentSignedIn({ user, session, tokens, notices }: SignedInParts, { asCookies }: TokenTravel) {
  return {
    user: presentUser(user, session.createdAt),
    session: presentSession(session, session.id),
    ...presentTokens(tokens, { asCookies }),
    notices: presentNotices(notices)
  }
}

export interface TokenTravel {
  readonly asCookies: boolean
}

export function presentTokens(tokens: Tokens, { asCookies }: TokenTravel) {
  const { accessTokenExpiresAt, refreshTokenExpiresAt } = tokens
  return asCookies ? { accessTokenExpiresAt, refreshTokenExpiresAt } : tokens
}
