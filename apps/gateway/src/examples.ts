/** The people and things of the examples in the API's description. */
export const exampleUser = {
  id: '019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b21',
  number: 1,
  email: 'ada@example.com',
  emailVerified: false,
  username: null,
  mobile: null,
  firstName: 'Ada',
  lastName: 'Lovelace',
  role: 'user',
  createdAt: '2026-11-21T09:30:00.000Z',
  lastActiveAt: '2026-11-21T09:45:00.000Z'
}

export const exampleSession = {
  id: '7fq0ZlX2m4n8VbYc1sT6dKe9RwGh3JuAoP',
  current: true,
  state: 'active',
  device: { id: null, name: 'Chrome on macOS', userAgent: 'Mozilla/5.0 (Macintosh) Chrome/142', ip: '203.0.113.7' },
  method: 'password',
  createdAt: '2026-11-21T09:30:00.000Z',
  lastSeenAt: '2026-11-21T09:45:00.000Z',
  idleExpiresAt: '2026-11-28T09:45:00.000Z',
  expiresAt: '2026-12-21T09:30:00.000Z',
  endedAt: null,
  endReason: null
}

export const exampleTokens = {
  accessToken: 'eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIwMTlhOWYzZSJ9.c2lnbmF0dXJl',
  accessTokenExpiresAt: '2026-11-21T09:40:00.000Z',
  refreshToken: 'N3FxMFpsWDJtNG44VmJZYzFzVDZkS2U5UndHaDNKdUFvUA',
  refreshTokenExpiresAt: '2026-11-28T09:30:00.000Z'
}

export const exampleRecoveryCodes = ['k7qd-2mxa-v5tz-bn3w', '3hpe-ys6r-fj4c-wq7u']

export const exampleAdminBlock = {
  reason: 'admin',
  blockedUntil: '2026-12-24T18:00:00.000Z',
  blockedAt: '2026-11-21T09:50:00.000Z',
  blockedBy: '019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b99',
  note: 'Under investigation'
}

export const exampleTimelineEntry = {
  id: 'sign-in-0001',
  kind: 'signed_in',
  occurredAt: '2026-11-21T09:30:00.000Z',
  sessionId: exampleSession.id,
  device: { name: 'Chrome on macOS', ip: '203.0.113.7' },
  reason: null,
  fields: [],
  actor: { kind: 'user', id: exampleUser.id }
}

export const exampleStatus = {
  state: 'active',
  lastActiveAt: exampleUser.lastActiveAt,
  activeUntil: '2026-11-21T10:00:00.000Z',
  blockedUntil: null,
  reason: null
}

export const exampleStats = {
  liveSessions: 1042,
  activeUsers: 311,
  signIns: 57,
  failures: 4,
  blocked: 1,
  revokeLatencyMs: { p50: 1.2, p99: 4.7 },
  points: [
    { at: '2026-11-21T09:45:00.000Z', activeUsers: 23, signIns: 2, failures: 0, blocked: 0, revokeP99Ms: 1.9 },
    { at: '2026-11-21T09:46:00.000Z', activeUsers: 25, signIns: 1, failures: 1, blocked: 0, revokeP99Ms: null }
  ]
}
