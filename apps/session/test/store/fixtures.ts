import { randomBytes, randomUUIDv7 } from 'node:crypto'
import { once } from 'node:events'
import type { PlatformEvent } from '@latchkey/contracts/events'
import type { Profile } from '@latchkey/contracts/ids'
import { closeRedis, openRedis, type RedisClient } from '@latchkey/redis/client'
import type { TestScope } from '@latchkey/testing/stores'
import type { NewSession, OpenOutcome, RotateOutcome, SessionRecord, SessionStore } from '../../src/domain/ports.ts'
import { shardOf } from '../../src/domain/references.ts'
import { createRefreshTokens } from '../../src/refresh-tokens.ts'
import type { AskingOptions } from '../../src/store/ask-shard.ts'
import { createBulkSessions } from '../../src/store/bulk-sessions.ts'
import { outboxKeyOf } from '../../src/store/keys.ts'
import { createLineages } from '../../src/store/lineages.ts'
import { createSessionCounts } from '../../src/store/session-counts.ts'
import { createSessionStore, type SessionStoreOptions } from '../../src/store/sessions.ts'

const DAY_MS = 24 * 3_600_000
export const refreshTokens = createRefreshTokens('a refresh secret for the tests only, 40+')

/** With a timeout that a machine which is busy otherwise does not meet. */
const PATIENT_MS = 5000

export async function connect(t: TestScope, url: string, commandTimeoutMs = PATIENT_MS): Promise<RedisClient> {
  const redis = openRedis({ url, commandTimeoutMs, log: { warn: () => {} } })
  t.teardown(() => closeRedis(redis))
  await once(redis, 'ready')
  return redis
}

const options: Omit<SessionStoreOptions, 'redis' | 'kept'> = {
  lifetimes: { idleMs: 7 * DAY_MS, absoluteMs: 30 * DAY_MS },
  retentionMs: 30 * DAY_MS,
  historyLength: 50,
  refreshGraceMs: 10_000,
  onEvents: () => {},
  onDoubt: () => {},
  onRefused: () => {},
  log: { info: () => {}, warn: () => {} }
}

export function createStore(redis: RedisClient, changes: Partial<SessionStoreOptions> = {}): SessionStore {
  return createSessionStore({ redis, kept: redis, ...options, ...changes })
}

/** What the shards know of the server they are on. */
export function createShardLineages(redis: RedisClient) {
  return createLineages({ redis, kept: redis, ...options })
}

/** What there is for the sessions of all users, by the same rules. */
export function createBulk(redis: RedisClient, changes: Partial<AskingOptions> = {}) {
  const all = { redis, kept: redis, ...options, ...changes }
  return { bulk: createBulkSessions(all), counts: createSessionCounts(all) }
}

export function createUser(changes: Partial<Profile> = {}): Profile {
  return {
    id: randomUUIDv7(),
    number: 1042,
    email: 'ada.lovelace@example.org',
    emailVerified: true,
    username: null,
    mobile: null,
    firstName: 'Ada',
    lastName: 'Lovelace',
    role: 'user',
    createdAt: new Date().toISOString(),
    ...changes
  }
}

export interface Attempt {
  readonly request: NewSession
  /** The first refresh token of the session, should it be opened. */
  readonly token: string
}

export function prepare(user: Profile, changes: Partial<NewSession> = {}): Attempt {
  const id = `${shardOf(user.id)}${randomBytes(24).toString('base64url')}`
  const { token, hash } = refreshTokens.create({ userId: user.id, sessionId: id })
  const device = { id: null, name: 'Firefox on Linux', userAgent: 'Mozilla/5.0 (X11; Linux x86_64)', ip: '192.0.2.7' }
  const request: NewSession = {
    id,
    user,
    profileVersion: 1,
    epoch: 0,
    method: 'password',
    tokens: 'pair',
    device,
    refreshTokenHash: hash,
    policy: { kind: 'unlimited' },
    replaces: undefined,
    ...changes
  }
  return { request, token }
}

export function onDevice(id: string): Pick<NewSession, 'device'> {
  return { device: { id, name: 'Safari on iOS', userAgent: 'Mobile Safari', ip: '2001:db8::7' } }
}

export async function open(store: SessionStore, user: Profile, changes: Partial<NewSession> = {}) {
  const { request, token } = prepare(user, changes)
  return { ...assertOpened(await store.open(request)), token }
}

export function assertOpened(outcome: OpenOutcome): Extract<OpenOutcome, { kind: 'opened' }> {
  if (outcome.kind !== 'opened') throw new Error(`not opened: ${outcome.kind}`)
  return outcome
}

/** Presents a refresh token, and answers its successor beside the outcome. */
export async function rotate(store: SessionStore, token: string): Promise<{ outcome: RotateOutcome; next: string }> {
  const sealed = refreshTokens.read(token)
  if (sealed === undefined) throw new Error('not a token of ours')
  return { outcome: await store.rotate(sealed), next: sealed.successor.token }
}

export async function listAll(
  store: SessionStore,
  userId: string,
  state: 'active' | 'ended' | 'all'
): Promise<readonly SessionRecord[]> {
  const { sessions } = await store.list({ userId, state, limit: 1000, beforeSlot: undefined })
  return sessions
}

export async function listEvents(redis: RedisClient, userId: string): Promise<PlatformEvent[]> {
  const entries = await redis.xrange(outboxKeyOf(shardOf(userId)), '-', '+')
  const events: PlatformEvent[] = entries.map(([, fields]) => JSON.parse(fields[1] ?? ''))
  return events.filter((event) => event.userId === userId)
}
