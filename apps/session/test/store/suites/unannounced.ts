import type { RedisClient } from '@latchkey/redis/client'
import { pendingKeyOf } from '../../../src/store/keys.ts'
import { until } from '../../until.ts'
import { createStore, createUser, listAll, onDevice, open, rotate } from '../fixtures.ts'
import type { Suite } from './suite.ts'

async function listPending(redis: RedisClient, userId: string) {
  const entries = await redis.xrange(pendingKeyOf(userId.slice(-2)), '-', '+')
  return entries.map(([entryId, fields]) => ({ entryId, item: JSON.parse(fields[1] ?? '') }))
}

export const unannounced: Suite = {
  'what a change has left to announce is in the store as well': async (t, { store, redis }) => {
    const user = createUser()
    const { session } = await open(store, user, onDevice('phone-0001'))
    const { unannounced } = await open(store, user, onDevice('phone-0001'))
    t.match(unannounced, [{ item: { kind: 'session', id: session.id } }])
    const pending = await listPending(redis, user.id)
    t.same(
      unannounced.map(({ entryId }) => pending.find((entry) => entry.entryId === entryId)),
      unannounced
    )
  },

  'a sign-in announces again what the one before it has ended, which may have crashed': async (t, { store }) => {
    const user = createUser()
    const policy = { kind: 'single' } as const
    const first = await open(store, user, { policy })
    const second = await open(store, user, { policy })
    const { unannounced } = await open(store, user, { policy })
    const ids = unannounced.map(({ item }) => (item.kind === 'session' ? item.id : item.kind))
    t.same(ids, [first.session.id, second.session.id])
  },

  'a sign-in that ends nothing has nothing to announce': async (t, { store }) => {
    const user = createUser()
    t.same((await open(store, user)).unannounced, [])
    t.same((await open(store, user)).unannounced, [])
  },

  'a refresh token used twice leaves its session to announce': async (t, { redis }) => {
    const strict = createStore(redis, { refreshGraceMs: 0 })
    const user = createUser()
    const { session, token } = await open(strict, user)
    await rotate(strict, token)
    const { outcome } = await rotate(strict, token)
    t.match(outcome, { kind: 'reused', unannounced: [{ item: { kind: 'session', id: session.id } }] })
  },

  'a profile is announced when it has changed': async (t, { store }) => {
    const user = createUser()
    t.same((await store.putProfile(user, 1, undefined)).unannounced, [], 'nobody can have kept the first one')
    t.same((await store.putProfile(user, 2, undefined)).unannounced, [], 'another version of the same')
    const changed = { ...user, firstName: 'Augusta' }
    t.match(await store.putProfile(changed, 3, undefined), { unannounced: [{ item: { kind: 'user', id: user.id } }] })
    t.same((await store.putProfile(user, 2, undefined)).unannounced, [], 'a late one')
    const { unannounced } = await open(store, user, { profileVersion: 4 })
    t.match(unannounced, [{ item: { kind: 'user', id: user.id } }], 'a sign-in that brings a newer one')
  },

  'more sessions than an announcement takes are announced as their user': async (t, { store }) => {
    const user = createUser()
    for (let i = 0; i < 101; i += 1) await open(store, user)
    const everything = {
      userId: user.id,
      exceptSessionId: undefined,
      reason: 'revoked_by_user',
      epoch: undefined
    } as const
    t.match(await store.endAll(everything), { ended: 101, unannounced: [{ item: { kind: 'user', id: user.id } }] })
  },

  'an idle end is left to announce, an absolute one is known to everybody': async (t, { store, redis }) => {
    for (const lifetimes of [
      { idleMs: 1, absoluteMs: 60_000 },
      { idleMs: 60_000, absoluteMs: 1 }
    ]) {
      const user = createUser()
      const { session } = await open(store, user)
      const impatient = createStore(redis, { lifetimes })
      await until(async () => (await listAll(impatient, user.id, 'active')).length === 0)
      const items = (await listPending(redis, user.id)).map(({ item }) => item.id)
      t.equal(items.includes(session.id), lifetimes.idleMs === 1)
    }
  }
}
