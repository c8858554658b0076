import { randomUUIDv7 } from 'node:crypto'
import { sweepShard } from '../../../src/domain/sweep-everyone.ts'
import {
  assertOpened,
  createBulk,
  createStore,
  createUser,
  listAll,
  listEvents,
  open,
  prepare,
  rotate
} from '../fixtures.ts'
import type { Subject, Suite } from './suite.ts'

const ADMIN = { kind: 'admin', id: randomUUIDv7() } as const

interface Opened {
  readonly reference: { readonly userId: string; readonly sessionId: string }
  readonly token: string
}

function endEveryone({ redis }: Subject) {
  const { bulk } = createBulk(redis)
  return Promise.all(bulk.shards.map((shard) => bulk.endEveryone(shard, ADMIN)))
}

export const everyone: Suite = {
  'the sessions of everyone end in one step, for each way to ask': async (t, subject) => {
    const { store } = subject
    const over = { kind: 'ended', reason: 'revoked_by_admin' }
    const ways: Readonly<Record<string, (opened: Opened) => Promise<void>>> = {
      check: async ({ reference }) => void t.match(await store.check(reference, { touch: true }), over),
      refresh: async ({ token }) => void t.match((await rotate(store, token)).outcome, over),
      list: async ({ reference }) => void t.same(await listAll(store, reference.userId, 'active'), []),
      find: async ({ reference }) =>
        void t.match(await store.find(reference.sessionId), { ended: { reason: over.reason } }),
      end: async ({ reference }) =>
        void t.match(await store.end(reference, 'signed_out'), { session: { ended: { reason: over.reason } } }),
      use: async ({ reference }) => {
        await store.touch([{ ...reference, ageMs: 0 }])
        t.match(await store.check(reference, { touch: true }), over)
      }
    }
    const asked = await Promise.all(
      Object.values(ways).map(async (ask) => {
        const { session, token } = await open(store, createUser())
        return { ask, opened: { reference: { userId: session.userId, sessionId: session.id }, token } }
      })
    )
    await endEveryone(subject)
    for (const { ask, opened } of asked) await ask(opened)
  },

  'they are listed with the time of the step, and their users are told once, by whom': async (t, subject) => {
    const { store, redis } = subject
    const user = createUser()
    const { session } = await open(store, user)
    await endEveryone(subject)
    const [ended] = await listAll(store, user.id, 'ended')
    await listAll(store, user.id, 'ended')
    t.ok((ended?.ended?.atMs ?? 0) >= session.createdAtMs)
    const occurredAt = new Date(ended?.ended?.atMs ?? 0).toISOString()
    const payload = { sessionId: session.id, reason: 'revoked_by_admin', actor: ADMIN }
    t.match(await listEvents(redis, user.id), [{}, { id: `${session.id}:ended`, occurredAt, payload }])
    t.equal((await listEvents(redis, user.id)).length, 2)
  },

  'what was due before keeps its own end': async (t, subject) => {
    const user = createUser()
    const impatient = createStore(subject.redis, { lifetimes: { idleMs: 1, absoluteMs: 60_000 } })
    const { session } = await open(impatient, user)
    let now = 0
    while (now <= session.createdAtMs + 1) now = (await open(subject.store, createUser())).nowMs
    await endEveryone(subject)
    t.match(await listAll(impatient, user.id, 'ended'), [
      { ended: { reason: 'expired_idle', atMs: session.createdAtMs + 1 } }
    ])
  },

  'a session opened after the step lives, in the same millisecond too, until the next': async (t, subject) => {
    const { store } = subject
    const user = createUser()
    const first = await open(store, user)
    await endEveryone(subject)
    const second = await open(store, user)
    t.same(
      (await listAll(store, user.id, 'active')).map(({ id }) => id),
      [second.session.id]
    )
    await endEveryone(subject)
    await endEveryone(subject)
    const newcomer = createUser()
    const { session } = await open(store, newcomer)
    t.same(await listAll(store, user.id, 'active'), [])
    t.match(await listAll(store, newcomer.id, 'active'), [{ id: session.id }])
    const ended = await listAll(store, user.id, 'ended')
    t.same(
      ended.map(({ id }) => id),
      [second.session.id, first.session.id]
    )
    t.ok((ended[0]?.ended?.atMs ?? 0) >= (ended[1]?.ended?.atMs ?? 0))
  },

  '200 sign-ins that race two ends of everyone are each ended and listed so, or live': async (t, subject) => {
    const { store } = subject
    const users = Array.from({ length: 20 }, () => createUser())
    const openings = Array.from({ length: 200 }, async (_, i) => {
      const { session } = assertOpened(await store.open(prepare(users[i % 20] ?? createUser()).request))
      const reference = { userId: session.userId, sessionId: session.id }
      return { id: session.id, reference, first: await store.check(reference, { touch: true }) }
    })
    const [opened] = await Promise.all([Promise.all(openings), endEveryone(subject), endEveryone(subject)])
    const after = await open(store, users[0] ?? createUser())
    const lists = await Promise.all(users.map(({ id }) => listAll(store, id, 'all')))
    const state = new Map(lists.flat().map(({ id, ended }) => [id, ended?.reason ?? 'live']))
    t.equal(state.get(after.session.id), 'live')
    for (const { id, reference, first } of opened) {
      const { kind } = await store.check(reference, { touch: true })
      t.equal(state.get(id), kind === 'active' ? 'live' : 'revoked_by_admin')
      if (first.kind === 'ended') t.equal(kind, 'ended', 'never back')
    }
    await endEveryone(subject)
    const live = await Promise.all(users.map(({ id }) => listAll(store, id, 'active')))
    t.same(live.flat(), [])
  },

  'a step tells how many sessions it has ended, and the count goes on from none': async (t, subject) => {
    const { store, redis } = subject
    const { counts } = createBulk(redis)
    const countLive = async () =>
      (await Promise.all(counts.shards.map((shard) => counts.read(shard)))).reduce((sum, { live }) => sum + live, 0)
    await endEveryone(subject)
    const users = Array.from({ length: 30 }, () => createUser())
    await Promise.all(users.map((user) => open(store, user)))
    const ended = (await endEveryone(subject)).reduce((sum, step) => sum + step.ended, 0)
    t.equal(ended, 30)
    t.equal(await countLive(), 0)
    await Promise.all(users.map((user) => open(store, user)))
    t.equal(await countLive(), 30, 'what has ended is not taken off twice')
  },

  'a step is left to announce in its shard': async (t, subject) => {
    const { bulk } = createBulk(subject.redis)
    const before = (await bulk.listPending('7f', undefined)).at(-1)?.entryId
    const { unannounced } = await bulk.endEveryone('7f', ADMIN)
    t.match(unannounced, [{ item: { kind: 'everyone' } }])
    t.same(await bulk.listPending('7f', before), unannounced)
  },

  'the sweep tells those whom nobody asks for, once, and leaves nothing to announce': async (t, subject) => {
    const { store, redis } = subject
    const { bulk } = createBulk(redis)
    const user = createUser()
    const shard = user.id.slice(-2)
    await open(store, user)
    await endEveryone(subject)
    const before = await bulk.listPending(shard, undefined)
    t.not((await bulk.readSteps(shard)).swept, (await bulk.readSteps(shard)).made)
    const { signal } = new AbortController()
    await Promise.all([sweepShard(bulk, shard, signal), sweepShard(bulk, shard, signal)])
    const { made, swept } = await bulk.readSteps(shard)
    t.equal(made, swept)
    const events = await listEvents(redis, user.id)
    t.match(events, [{ name: 'sessionOpened' }, { name: 'sessionEnded', payload: { reason: 'revoked_by_admin' } }])
    t.equal(events.length, 2)
    t.equal((await bulk.listPending(shard, undefined)).length, before.length)
  }
}
