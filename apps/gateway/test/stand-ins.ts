import { randomBytes, randomUUID } from 'node:crypto'
import type { accountsContract } from '@latchkey/contracts/accounts'
import type { activityContract } from '@latchkey/contracts/activity'
import type { AdministeredUser, adminContract } from '@latchkey/contracts/admin'
import type { authContract, SignedIn } from '@latchkey/contracts/auth'
import type { Handlers } from '@latchkey/contracts/define'
import { fail, ok } from '@latchkey/contracts/errors'
import type { factorsContract } from '@latchkey/contracts/factors'
import type { Profile, Role } from '@latchkey/contracts/ids'
import type { recoveryContract } from '@latchkey/contracts/recovery'
import type { sessionContract } from '@latchkey/contracts/session'
import type { sessionAdminContract } from '@latchkey/contracts/session-admin'
import type { Session } from '@latchkey/contracts/session-schema'
import type { Tokens } from '@latchkey/contracts/tokens'
import type { KeySet } from '../src/keys.ts'
import { createClaims, createToken, type TestKey } from './tokens.ts'

export type AccountHandlers = Handlers<typeof accountsContract>
export type AuthHandlers = Handlers<typeof authContract>
export type FactorHandlers = Handlers<typeof factorsContract>
export type RecoveryHandlers = Handlers<typeof recoveryContract>
export type AdminHandlers = Handlers<typeof adminContract>
export type SessionHandlers = Handlers<typeof sessionContract>
export type SessionAdminHandlers = Handlers<typeof sessionAdminContract>
export type ActivityHandlers = Handlers<typeof activityContract>

export const CREATED_AT = '2026-11-21T09:30:00.000Z'
export const LAST_ACTIVE_AT = '2026-11-21T09:45:00.000Z'

/** An hour of them. */
export const MINUTES = Array.from({ length: 60 }, (_, i) => new Date(Date.parse(CREATED_AT) + i * 60_000).toISOString())

/** Ends that no test lives to see. */
export const LASTING = { endsInMs: 3_600_000, idleEndsInMs: 3_600_000, idleTtlMs: 3_600_000 } as const

/** Of an activity service that blocks nobody. */
export const ADMITTED = {
  lastActiveAt: LAST_ACTIVE_AT,
  activeUntil: null,
  activeForMs: null,
  windowMs: null
} as const

export function createProfile(overrides: Partial<Profile> = {}): Profile {
  return {
    id: randomUUID(),
    number: 1,
    email: 'ada@example.com',
    emailVerified: false,
    username: null,
    mobile: null,
    firstName: 'Ada',
    lastName: null,
    role: 'user',
    createdAt: CREATED_AT,
    ...overrides
  }
}

export function createSession(userId: string, overrides: Partial<Session> = {}): Session {
  return {
    id: `7f${randomBytes(24).toString('base64url')}`,
    userId,
    state: 'active',
    device: { id: null, name: 'curl', userAgent: 'curl/8', ip: '127.0.0.1' },
    method: 'password',
    createdAt: CREATED_AT,
    lastSeenAt: CREATED_AT,
    idleExpiresAt: '2026-11-28T09:30:00.000Z',
    expiresAt: '2026-12-21T09:30:00.000Z',
    endedAt: null,
    endReason: null,
    ...overrides
  }
}

/** One user with one session and its tokens, as the real services would have made them. */
export function createSignedIn(key: TestKey, role: Role = 'user'): SignedIn {
  const user = createProfile({ role })
  const session = createSession(user.id)
  const accessToken = createToken(key, { claims: createClaims({ sub: user.id, sid: session.id }) })
  return {
    user,
    session,
    tokens: createTokens(accessToken),
    notices: { concurrent: [], replaced: [], newDevice: false }
  }
}

export function createTokens(accessToken: string): Tokens {
  return {
    accessToken,
    accessTokenExpiresAt: new Date(Date.now() + 600_000).toISOString(),
    refreshToken: randomBytes(32).toString('base64url'),
    refreshTokenExpiresAt: new Date(Date.now() + 7 * 24 * 3_600_000).toISOString()
  }
}

export function createAuth({ user, session, tokens, notices }: SignedIn): AuthHandlers {
  return {
    register: async ({ opening }) => ok({ user, opened: opening === null ? null : { session, tokens, notices } }),
    signIn: async () => ok({ user, session, tokens, notices }),
    signInTrusted: async () => ok({ user, session, tokens, notices }),
    findUser: async () => ok(user),
    getUser: async () => ok(user),
    updateProfile: async ({ changes: { firstName = user.firstName } }) => ok({ ...user, firstName }),
    changePassword: async () => ok({})
  }
}

/** Of a user who has a factor, whatever they ask for it. */
export function createFactors({ session, tokens }: SignedIn): FactorHandlers {
  return {
    describe: async () => ok({ enabled: true, recoveryCodesLeft: 9 }),
    enroll: async () => ok({ secret: 'JBSWY3DPEHPK3PXP', otpauthUri: 'otpauth://totp/Latchkey:ada' }),
    confirm: async () => ok({ recoveryCodes: ['k7qd-2mxa-v5tz-bn3w'], session, tokens }),
    remove: async () => ok({}),
    removeFor: async () => ok({})
  }
}

export function createRecovery(): RecoveryHandlers {
  return {
    requestVerification: async () => ok({}),
    verifyEmail: async () => ok({}),
    requestReset: async () => ok({}),
    requestResetFor: async () => ok({}),
    resetPassword: async () => ok({}),
    reportSession: async () => ok({})
  }
}

/** Knows the one user; `block` is the one that it answers and finds. */
export function createAdmin({ user }: SignedIn): AdminHandlers {
  const administered: AdministeredUser = { ...user, block: null }
  const block = { reason: 'admin', blockedUntil: null, blockedAt: CREATED_AT, blockedBy: user.id, note: null } as const
  const whenKnown = <T>(userId: string, value: T) => (userId === user.id ? ok(value) : fail('user_not_found'))
  return {
    listUsers: async () => ok({ items: [administered], nextCursor: null }),
    getUser: async ({ userId }) => whenKnown(userId, administered),
    setRole: async ({ userId, role }) => whenKnown(userId, { ...administered, role }),
    block: async ({ userId }) => whenKnown(userId, block),
    unblock: async ({ userId }) => whenKnown(userId, {})
  }
}

export function createAccounts({ user }: SignedIn): AccountHandlers {
  const { id, email, role, createdAt } = user
  const data = {
    profile: user,
    identifiers: [],
    hasPassword: true,
    passwordChangedAt: CREATED_AT,
    updatedAt: CREATED_AT
  }
  return {
    deleteOwn: async () => ok({}),
    delete: async ({ userId }) => (userId === id ? ok({}) : fail('user_not_found')),
    getData: async () => ok(data),
    import: async ({ users }) => ok({ imported: users.length, faults: [] }),
    list: async () => ok({ users: [{ id, email, role, createdAt }], next: null })
  }
}

export function createSessions({ user, session, tokens, notices }: SignedIn, keys: KeySet): SessionHandlers {
  return {
    open: async () => ok({ session, tokens, notices }),
    refresh: async () => ok({ user, session, tokens }),
    check: async ({ sessionId, userId }) =>
      sessionId === session.id && userId === user.id ? ok({ user, session, ...LASTING }) : fail('token_invalid'),
    list: async () => ok({ items: [session], nextCursor: null }),
    find: async ({ sessionId }) => (sessionId === session.id ? ok(session) : fail('session_not_found')),
    end: async ({ sessionId }) => (sessionId === session.id ? ok(session) : fail('session_not_found')),
    endAll: async ({ exceptSessionId }) => ok({ ended: exceptSessionId === null ? 2 : 1 }),
    putProfile: async () => ok({}),
    listDevices: async () => ok({ devices: [] }),
    erase: async () => ok({}),
    getKeys: async () => ok(keys),
    getTime: async () => ok({ nowMs: Date.now() })
  }
}

export function createSessionAdmin({ session }: SignedIn): SessionAdminHandlers {
  return {
    end: async ({ dryRun }) => ok({ matched: 1, ended: dryRun ? 0 : 1, sample: [session] }),
    getStats: async () =>
      ok({
        liveSessions: 1,
        signIns: 60,
        revokeLatencyMs: { p50: 1.2, p99: null },
        points: MINUTES.map((at) => ({ at, signIns: 1, revokeP99Ms: null }))
      })
  }
}

export function createActivity(): ActivityHandlers {
  return {
    admit: async () => ok(ADMITTED),
    getStatus: async () =>
      ok({ state: 'active', lastActiveAt: LAST_ACTIVE_AT, activeUntil: null, blockedUntil: null, reason: null }),
    getStats: async () =>
      ok({
        activeUsers: 1,
        failures: 60,
        blocked: 0,
        points: MINUTES.map((at) => ({ at, activeUsers: 1, failures: 1, blocked: 0 }))
      }),
    listTimeline: async () => ok({ items: [], nextCursor: null }),
    listRecorded: async () => ok({ items: [], position: '0-0', hasMore: false, hasGap: false }),
    listEvents: async () => ok({ items: [], nextCursor: null }),
    listLastActive: async ({ userIds }) => ok({ times: userIds.map(() => LAST_ACTIVE_AT) }),
    erase: async () => ok({})
  }
}
