import { randomBytes, randomUUID } from 'node:crypto'
import type { activityContract } from '@latchkey/contracts/activity'
import type { authContract, SignedIn } from '@latchkey/contracts/auth'
import type { Handlers } from '@latchkey/contracts/define'
import { fail, ok } from '@latchkey/contracts/errors'
import type { factorsContract } from '@latchkey/contracts/factors'
import type { Profile } from '@latchkey/contracts/ids'
import type { recoveryContract } from '@latchkey/contracts/recovery'
import type { sessionContract, Tokens } from '@latchkey/contracts/session'
import type { Session } from '@latchkey/contracts/session-schema'
import type { KeySet } from '../src/keys.ts'
import { createClaims, createToken, type TestKey } from './tokens.ts'

export type AuthHandlers = Handlers<typeof authContract>
export type FactorHandlers = Handlers<typeof factorsContract>
export type RecoveryHandlers = Handlers<typeof recoveryContract>
export type SessionHandlers = Handlers<typeof sessionContract>
export type ActivityHandlers = Handlers<typeof activityContract>

export const CREATED_AT = '2026-11-21T09:30:00.000Z'
export const LAST_ACTIVE_AT = '2026-11-21T09:45:00.000Z'

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
export function createSignedIn(key: TestKey): SignedIn {
  const user = createProfile()
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
    getKeys: async () => ok(keys)
  }
}

export function createActivity(): ActivityHandlers {
  return {
    admit: async () => ok(ADMITTED),
    getStatus: async () =>
      ok({ state: 'active', lastActiveAt: LAST_ACTIVE_AT, activeUntil: null, blockedUntil: null, reason: null }),
    listTimeline: async () => ok({ items: [], nextCursor: null })
  }
}
