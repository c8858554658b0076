import { readEvent } from '@latchkey/messaging/events'
import { until } from '../../until.ts'
import { createStore, createUser, listAll, listEvents, open, prepare, rotate } from '../fixtures.ts'
import type { Suite } from './suite.ts'

export const ends: Suite = {
  'ending is told once and answers the same again': async (t, { store, redis }) => {
    const user = createUser()
    const { session } = await open(store, user)
    const reference = { userId: user.id, sessionId: session.id }
    const first = await store.end(reference, 'signed_out')
    t.match(first, {
      session: { ended: { reason: 'signed_out' } },
      unannounced: [{ item: { kind: 'session', id: session.id } }]
    })
    t.same(await store.end(reference, 'revoked_by_user'), { ...first, unannounced: [] })
    t.match(await store.check(reference, { touch: true }), { kind: 'ended', reason: 'signed_out' })
    const events = await listEvents(redis, user.id)
    t.match(events, [
      { id: `${session.id}:opened`, name: 'sessionOpened' },
      {
        id: `${session.id}:ended`,
        name: 'sessionEnded',
        occurredAt: new Date(first?.session.ended?.atMs ?? 0).toISOString()
      }
    ])
    const encoder = new TextEncoder()
    t.ok(events.every((event) => readEvent(encoder.encode(JSON.stringify(event))) !== undefined))
  },

  'an idle session has ended at its deadline, which is told once': async (t, { store, redis }) => {
    const user = createUser()
    const { session } = await open(store, user)
    const impatient = createStore(redis, { lifetimes: { idleMs: 5, absoluteMs: 60_000 } })
    await until(async () => (await listAll(impatient, user.id, 'active')).length === 0)
    const ended = { reason: 'expired_idle', atMs: session.lastSeenAtMs + 5 }
    t.match(await listAll(impatient, user.id, 'ended'), [{ ended }])
    t.match(await store.check({ userId: user.id, sessionId: session.id }, { touch: true }), { kind: 'ended', ...ended })
    t.match(await listEvents(redis, user.id), [{}, { name: 'sessionEnded', payload: { reason: 'expired_idle' } }])
  },

  'activity moves the idle deadline but never the absolute one': async (t, { redis }) => {
    const user = createUser()
    const short = createStore(redis, { lifetimes: { idleMs: 400, absoluteMs: 1200 } })
    const { session } = await open(short, user)
    const reference = { userId: user.id, sessionId: session.id }
    let outcome = await short.check(reference, { touch: true })
    while (outcome.kind === 'active') outcome = await short.check(reference, { touch: true })
    t.match(outcome, { kind: 'ended', reason: 'expired_absolute', atMs: session.createdAtMs + 1200 })
  },

  'a refresh is no activity': async (t, { redis }) => {
    const user = createUser()
    const short = createStore(redis, { lifetimes: { idleMs: 300, absoluteMs: 60_000 }, refreshGraceMs: 60_000 })
    const { session, token } = await open(short, user)
    let { outcome } = await rotate(short, token)
    while (outcome.kind === 'rotated') outcome = (await rotate(short, token)).outcome
    t.match(outcome, { kind: 'ended', reason: 'expired_idle', atMs: session.createdAtMs + 300 })
  },

  'no refresh goes past the absolute end, however many came before it': async (t, { redis }) => {
    const user = createUser()
    const short = createStore(redis, { lifetimes: { idleMs: 60_000, absoluteMs: 300 } })
    const { session, token } = await open(short, user)
    let { outcome, next } = await rotate(short, token)
    t.match(outcome, { kind: 'rotated' })
    while (outcome.kind === 'rotated') ({ outcome, next } = await rotate(short, next))
    t.match(outcome, { kind: 'ended', reason: 'expired_absolute', atMs: session.createdAtMs + 300 })
  },

  'ended sessions are kept in number and for a time': async (t, { store, redis }) => {
    const user = createUser()
    const ids: string[] = []
    for (let i = 0; i < 8; i += 1) ids.unshift((await open(store, user)).session.id)
    const forgetful = createStore(redis, { historyLength: 5 })
    const everything = {
      userId: user.id,
      exceptSessionId: undefined,
      reason: 'user_deleted',
      epoch: undefined
    } as const
    t.match(await forgetful.endAll(everything), { ended: 8 })
    const kept = (await listAll(store, user.id, 'ended')).map(({ id }) => id)
    t.same(kept, ids.slice(0, 5))
    const brief = createStore(redis, { retentionMs: 1 })
    await until(async () => (await listAll(brief, user.id, 'all')).length === 0)
    t.match(await store.check({ userId: user.id, sessionId: kept[0] ?? '' }, { touch: true }), { kind: 'unknown' })
  },

  'a list of one who opened sessions without end stays short': async (t, { store, redis }) => {
    const user = createUser()
    const policy = { kind: 'limit', limit: 20, overflow: 'evict_oldest' } as const
    for (let i = 0; i < 2000; i += 200) {
      await Promise.all(Array.from({ length: 200 }, () => store.open(prepare(user, { policy }).request)))
    }
    t.equal((await listAll(store, user.id, 'all')).length, 70)
    await redis.del(`lk:s:{${user.id.slice(-2)}}:outbox`)
  },

  'a lost record is no live session and nothing to list': async (t, { store, redis }) => {
    const user = createUser()
    const { session, token } = await open(store, user)
    await redis.del(`lk:s:{${user.id.slice(-2)}}:${user.id}`)
    t.match(await store.check({ userId: user.id, sessionId: session.id }, { touch: true }), { kind: 'unknown' })
    t.match((await rotate(store, token)).outcome, { kind: 'unknown' })
    t.same(await listAll(store, user.id, 'all'), [])
    t.equal(await redis.exists(`lk:s:{${user.id.slice(-2)}}:${user.id}`), 0)
  }
}
