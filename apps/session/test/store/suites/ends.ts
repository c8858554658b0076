import type { Profile } from '@latchkey/contracts/ids'
import { readEvent } from '@latchkey/messaging/events'
import type { SessionStore } from '../../../src/domain/ports.ts'
import { until } from '../../until.ts'
import { createStore, createUser, listAll, listEvents, open, prepare, rotate } from '../fixtures.ts'
import type { Suite } from './suite.ts'

type Opened = Awaited<ReturnType<typeof open>>

/** How many that has ended. */
async function endAll(store: SessionStore, user: Profile, epoch: number, except?: Opened): Promise<number> {
  const exceptSessionId = except?.session.id
  return (await store.endAll({ userId: user.id, exceptSessionId, reason: 'password_changed', epoch })).ended
}

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

  'ending all spares one and refuses sign-ins verified before': async (t, { store }) => {
    const user = createUser()
    await open(store, user)
    const { session } = await open(store, user)
    const request = { userId: user.id, exceptSessionId: session.id, reason: 'password_changed', epoch: 2 } as const
    t.match(await store.endAll(request), { ended: 1 })
    t.match(await listAll(store, user.id, 'active'), [{ id: session.id }])
    t.match(await store.open(prepare(user, { epoch: 1 }).request), { kind: 'stale_epoch' })
    t.match(await store.open(prepare(user, { epoch: 2 }).request), { kind: 'opened' })
  },

  'a late or repeated end of all spares what was opened since its epoch was first heard of': async (t, { store }) => {
    const user = createUser()
    const kept = await open(store, user)
    await open(store, user)
    const end = async (epoch: number, id: string) => {
      const request = { userId: user.id, exceptSessionId: id, reason: 'password_changed', epoch } as const
      return (await store.endAll(request)).ended
    }

    const second = await open(store, user, { epoch: 2 })
    t.match(await store.open(prepare(user, { epoch: 1 }).request), { kind: 'stale_epoch' }, 'refused at once')
    t.equal(await end(2, kept.session.id), 1, 'that came before its epoch was heard of')
    const third = await open(store, user, { epoch: 2 })
    t.equal(await end(2, kept.session.id), 0)
    t.equal((await listAll(store, user.id, 'active')).length, 3)

    t.equal(await end(3, third.session.id), 2, 'a newer epoch ends them')
    const fourth = await open(store, user, { epoch: 3 })
    t.equal(await end(2, kept.session.id), 0, 'an older one has nothing left to say')
    t.equal(await end(3, third.session.id), 0)
    const active = (await listAll(store, user.id, 'active')).map(({ id }) => id)
    t.same(active, [fourth.session.id, third.session.id])
    t.match(await listAll(store, user.id, 'ended'), [{ id: second.session.id }, {}, {}])
  },

  'an end of all that a newer one has overtaken ends what the newer one spares': async (t, { store }) => {
    const user = createUser()
    const spared = await open(store, user)
    await open(store, user)
    t.equal(await endAll(store, user, 3, spared), 1)
    const later = await open(store, user, { epoch: 3 })
    t.equal(await endAll(store, user, 2), 1)
    t.match(await listAll(store, user.id, 'active'), [{ id: later.session.id }], 'it came with the newer credentials')
    for (const epoch of [2, 3]) t.equal(await endAll(store, user, epoch), 0, 'once more is no fault')
    t.equal((await listAll(store, user.id, 'active')).length, 1)
  },

  'what was opened under the epoch of a late end lives, if the newer one has spared it': async (t, { store }) => {
    const user = createUser()
    const before = await open(store, user)
    const between = await open(store, user, { epoch: 2 })
    t.equal(await endAll(store, user, 3, between), 1)
    t.equal(await endAll(store, user, 2, before), 0)
    t.match(await listAll(store, user.id, 'active'), [{ id: between.session.id }])
  },

  'an end of all that is later than any other still ends, but nothing of the newest epoch': async (t, { store }) => {
    const user = createUser()
    const spared = await open(store, user)
    for (let epoch = 3; epoch < 40; epoch += 1) await endAll(store, user, epoch, spared)
    const newest = await open(store, user, { epoch: 40 })
    t.match(await listAll(store, user.id, 'active'), [{ id: newest.session.id }, { id: spared.session.id }])
    t.equal(await endAll(store, user, 2), 1)
    t.match(await listAll(store, user.id, 'active'), [{ id: newest.session.id }])
  },

  'what is noted of epochs stays short': async (t, { store, redis }) => {
    const user = createUser()
    for (let epoch = 1_000_000; epoch < 1_000_020; epoch += 1) await open(store, user, { epoch })
    const noted = await redis.hget(`lk:s:{${user.id.slice(-2)}}:${user.id}`, 'h')
    t.match(noted, /^(\d+:\d+ )+$/)
    t.match(noted, /1000018:18 $/)
    t.ok((noted ?? '').length <= 60)
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
