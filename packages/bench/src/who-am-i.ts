import type { Profile } from '@latchkey/contracts/ids'
import type { Session } from '@latchkey/contracts/session-schema'

/** The answer of `GET /v1/sessions/current`, which every peer gives in the same shape and size. */
export interface WhoAmI {
  readonly user: Profile & { readonly lastActiveAt: string }
  readonly session: Omit<Session, 'userId'> & { readonly current: boolean }
}

export const USER_AGENT =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'

export const sampleWhoAmI: WhoAmI = {
  user: {
    id: '019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b21',
    number: 481_516,
    email: 'ada.lovelace@example.com',
    emailVerified: false,
    username: null,
    mobile: null,
    firstName: 'Ada',
    lastName: 'Lovelace',
    role: 'user',
    createdAt: '2026-11-21T09:30:00.000Z',
    lastActiveAt: '2026-11-21T09:41:12.345Z'
  },
  session: {
    id: '7fq0ZlX2m4n8VbYc1sT6dKe9RwGh3JuAoP',
    state: 'active',
    device: { id: null, name: 'Chrome on macOS', userAgent: USER_AGENT, ip: '127.0.0.1' },
    method: 'password',
    createdAt: '2026-11-21T09:30:00.000Z',
    lastSeenAt: '2026-11-21T09:41:12.345Z',
    idleExpiresAt: '2026-11-28T09:41:12.345Z',
    expiresAt: '2026-12-21T09:30:00.000Z',
    endedAt: null,
    endReason: null,
    current: true
  }
}

export const PASSWORD = 'correct horse battery staple'
