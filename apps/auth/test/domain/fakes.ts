import type { Attempt, AttemptOutcome } from '@latchkey/contracts/attempts'
import type { SignedIn } from '@latchkey/contracts/auth'
import type { CallContext } from '@latchkey/contracts/define'
import { fail, ok } from '@latchkey/contracts/errors'
import type { PlatformEvent } from '@latchkey/contracts/events'
import type { Profile } from '@latchkey/contracts/ids'
import type { Opening } from '@latchkey/contracts/session'
import type { Factor, FactorDeps } from '../../src/domain/factor-ports.ts'
import { hashToken } from '../../src/domain/link-token.ts'
import type { Credentials, Deps, NewUser, PasswordChange, ProfileChange } from '../../src/domain/ports.ts'

export const userId = '019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b21'
export const now = '2026-11-21T09:30:00.000Z'
export const context: CallContext = { requestId: 'req-1', traceparent: undefined, remainingMs: () => 2000 }
export const opening: Opening = {
  client: { ipAddress: '127.0.0.1', userAgent: 'phone' },
  deviceId: null,
  tokens: 'pair',
  policy: null
}

export const openedAttempt: Attempt = { account: userId, budget: 'others', places: [], source: '127.0.0.1' }

export function createProfile(given: Partial<Profile> = {}): Profile {
  return {
    id: userId,
    number: 1,
    email: 'ann@example.com',
    emailVerified: true,
    username: null,
    mobile: null,
    firstName: null,
    lastName: null,
    role: 'user',
    createdAt: now,
    ...given
  }
}

export function createCredentials(given: Partial<Credentials> = {}): Credentials {
  return {
    profile: createProfile(),
    epoch: 3,
    profileVersion: 7,
    block: undefined,
    verifier: 'argon2:right password',
    ...given
  }
}

export function createOpened(user: Profile): Omit<SignedIn, 'user'> {
  return {
    session: {
      id: `21${'s'.repeat(32)}`,
      userId: user.id,
      state: 'active',
      device: { id: null, name: 'Phone', userAgent: 'phone', ip: '127.0.0.1' },
      method: 'password',
      createdAt: now,
      lastSeenAt: now,
      idleExpiresAt: now,
      expiresAt: now,
      endedAt: null,
      endReason: null
    },
    tokens: { accessToken: 'a', accessTokenExpiresAt: now, refreshToken: null, refreshTokenExpiresAt: null },
    notices: { concurrent: [], replaced: [], newDevice: false }
  }
}

/** What was called, in order, with what a test wants to know about it. */
export type Calls = [name: string, detail: unknown][]

export interface Fakes {
  readonly deps: FactorDeps
  readonly calls: Calls
  readonly events: PlatformEvent[]
  /** How attempts were settled, in order; one that `admit` settles is there too. */
  readonly outcomes: AttemptOutcome[]
}

/**
 * Plain objects behind every port: one user, whose password is "right password", without a second factor unless given;
 * its right code is 123456.
 */
export function createFakes(given: Partial<FactorDeps> = {}, factor?: Factor): Fakes {
  const calls: Calls = []
  const events: PlatformEvent[] = []
  const outcomes: AttemptOutcome[] = []
  const note = <T>(name: string, detail: unknown, value: T): Promise<T> => {
    calls.push([name, detail])
    return Promise.resolve(value)
  }
  const deps: FactorDeps = {
    users: createUsers(note, events),
    pending: {
      claimEndings: (limit) => note('claimEndings', limit, []),
      listEndings: (id) => note('listEndings', id, []),
      removeEnding: (id) => note('removeEnding', id, undefined),
      claimProfiles: (limit) => note('claimProfiles', limit, []),
      removeProfile: (_userId, version) => note('removeProfile', version, undefined)
    },
    factors: createFactors(note, events, factor),
    totp: {
      create: (id, account) => ({ secret: 'BASE32', otpauthUri: `otpauth://totp/${account}`, sealed: Buffer.from(id) }),
      findStep: (_sealed, { code }) => (code === '123456' ? 7 : undefined)
    },
    recoveryCodes: {
      create: () => ['aaaa-bbbb', 'cccc-dddd'].map((code) => ({ code, hash: Buffer.from(code) })),
      hash: (code) => (code.includes('-') ? Buffer.from(code) : undefined)
    },
    recovery: createRecovery(note, events),
    passwords: {
      hasRoom: () => true,
      hash: (password) => note('hash', password, ok(`argon2:${password}`)),
      verify: (password, verifier) =>
        note('verify', password, ok({ matches: verifier === `argon2:${password}`, outdated: false }))
    },
    policy: { minLength: 8, isCommon: (password) => password === 'password' },
    sessions: {
      open: (request) => note('open', request, ok(createOpened(request.user))),
      end: (request) => note('end', request, ok(createOpened(createProfile()).session)),
      endAll: (request) => note('endAll', request, ok({ ended: 2 })),
      putProfile: (request) => note('putProfile', request.version, ok({}))
    },
    activity: {
      admit: ({ purpose, attempt }) => {
        if (attempt !== undefined) outcomes.push('right')
        return note('admit', purpose, ok({ lastActiveAt: null, activeUntil: null, activeForMs: null, windowMs: null }))
      }
    },
    attempts: createAttempts(outcomes),
    localBudgets: { take: async () => ok(undefined), settle: (_payers, outcome) => void outcomes.push(outcome) },
    reporter: { report: (event) => void events.push(event) },
    now: () => new Date(now),
    newId: () => userId,
    ...given
  }
  return { deps, calls, events, outcomes }
}

/** Whatever is tried is let through. */
function createAttempts(outcomes: AttemptOutcome[]): Deps['attempts'] {
  return {
    take: async ({ account }) => ok({ attempt: { ...openedAttempt, account } }),
    settle: async ({ outcome }) => {
      outcomes.push(outcome)
      return ok({})
    },
    forgive: async () => ok({})
  }
}

/** One link of each kind, whose token is "token". */
function createRecovery(note: Note, events: PlatformEvent[]): Deps['recovery'] {
  const isKnown = (hash: string) => hash === hashToken('token')
  return {
    requestVerification: (request) => note('requestVerification', request, undefined),
    requestReset: (request) => note('requestReset', request, ok(undefined)),
    requestResetFor: (request, event) => {
      events.push(event)
      return note('requestResetFor', request, undefined)
    },
    findReset: (hash) => note('findReset', hash, isKnown(hash) ? userId : undefined),
    resetPassword: (reset, describe) => {
      events.push(describe(4))
      const ending = {
        id: '9',
        userId,
        exceptSessionId: null,
        reason: 'password_changed',
        epoch: 4,
        adminId: null
      } as const
      return note('resetPassword', reset, ending)
    },
    findVerification: (hash) => note('findVerification', hash, isKnown(hash) ? userId : undefined),
    verifyEmail: (link, describe) => {
      events.push(describe(8, ['emailVerified']))
      return note('verifyEmail', link, ok(createCredentials({ profileVersion: 8 })))
    },
    askAboutSession: (device) => note('askAboutSession', device, undefined),
    findReport: (hash) => note('findReport', hash, isKnown(hash) ? { userId, sessionId: 'reported' } : undefined),
    removeReport: (hash) => note('removeReport', hash, true)
  }
}

type Note = <T>(name: string, detail: unknown, value: T) => Promise<T>

function createUsers(note: Note, events: PlatformEvent[]): Deps['users'] {
  const credentials = createCredentials()
  return {
    findByIdentifier: (candidates) => {
      const known = candidates.some(({ canonical }) => canonical === 'ann@example.com')
      return note('findByIdentifier', candidates, known ? credentials : undefined)
    },
    findById: (id) => note('findById', id, id === userId ? credentials : undefined),
    insert: (user: NewUser, event) => {
      events.push(event)
      const taken = user.identifiers.some(({ canonical }) => canonical === 'ann@example.com')
      return note('insert', user, taken ? fail('identifier_taken', { field: 'email' }) : ok(credentials))
    },
    replacePassword: (change: PasswordChange, describe) => {
      events.push(describe(4))
      const { exceptSessionId } = change
      return note('replacePassword', change, {
        id: '9',
        userId,
        exceptSessionId,
        reason: 'password_changed',
        epoch: 4,
        adminId: null
      })
    },
    upgradeVerifier: (upgrade) => note('upgradeVerifier', upgrade, undefined),
    updateProfile: (change: ProfileChange, describe) => {
      events.push(describe(8))
      return note('updateProfile', change, ok({ ...credentials, profileVersion: 8 }))
    }
  }
}

export function createFactor(state: Factor['state']): Factor {
  return { secret: Buffer.from('sealed'), state }
}

function createFactors(note: Note, events: PlatformEvent[], factor: Factor | undefined): FactorDeps['factors'] {
  return {
    describe: (id) => note('describe', id, { enabled: false, recoveryCodesLeft: 0 }),
    find: () => Promise.resolve(factor),
    putPending: (_id, secret) => note('putPending', secret, ok(undefined)),
    countAttempt: (_id, budget) => note('countAttempt', budget, ok(undefined)),
    takeStep: (_id, _secret, step) => note('takeStep', step, true),
    burnRecoveryCode: (_id, hash) => note('burnRecoveryCode', hash, true),
    enable: (_id, factor, event) => {
      events.push(event)
      return note('enable', factor, true)
    },
    remove: ({ exceptSessionId, reason, adminId }, describe) => {
      events.push(describe(4))
      return note('remove', reason, { id: '9', userId, exceptSessionId, reason, epoch: 4, adminId })
    }
  }
}

export function listNames(calls: Calls): string[] {
  return calls.map(([name]) => name)
}
