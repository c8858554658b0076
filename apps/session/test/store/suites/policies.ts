import type { Policy } from '../../../src/domain/ports.ts'
import { until } from '../../until.ts'
import { createStore, createUser, listAll, open, prepare } from '../fixtures.ts'
import type { Suite } from './suite.ts'

const limit = (overflow: 'evict_oldest' | 'deny'): Policy => ({ kind: 'limit', limit: 3, overflow })

export const policies: Suite = {
  '200 parallel sign-ins over a limit leave exactly as many, and never more at any moment': async (t, { store }) => {
    for (const policy of [limit('evict_oldest'), limit('deny'), { kind: 'single' } as const]) {
      const most = policy.kind === 'single' ? 1 : 3
      const user = createUser()
      let highest = 0
      const openAndLook = async () => {
        const outcome = await store.open(prepare(user, { policy }).request)
        highest = Math.max(highest, (await listAll(store, user.id, 'active')).length)
        return outcome
      }
      const outcomes = await Promise.all(Array.from({ length: 200 }, openAndLook))
      t.equal(highest, most)
      t.equal((await listAll(store, user.id, 'active')).length, most)
      const denied = outcomes.filter(({ kind }) => kind === 'limit').length
      t.equal(denied, policy.kind === 'limit' && policy.overflow === 'deny' ? 197 : 0)
    }
  },

  '200 parallel sign-ins without a limit all live': async (t, { store }) => {
    const user = createUser()
    await Promise.all(Array.from({ length: 200 }, () => open(store, user)))
    t.equal((await listAll(store, user.id, 'active')).length, 200)
  },

  'over the limit the oldest gives way, and the sign-in is told': async (t, { store }) => {
    const user = createUser()
    const oldest = await open(store, user)
    const middle = await open(store, user)
    const policy = { kind: 'limit', limit: 2, overflow: 'evict_oldest' } as const
    const newest = await open(store, user, { policy })
    t.match(newest.replaced, [{ id: oldest.session.id, ended: { reason: 'evicted_by_limit' } }])
    t.same(
      newest.concurrent.map(({ id }) => id),
      [middle.session.id, oldest.session.id]
    )
  },

  'a lowered limit trims at the next sign-in': async (t, { store }) => {
    const user = createUser()
    for (let i = 0; i < 5; i += 1) await open(store, user)
    const { replaced } = await open(store, user, { policy: { kind: 'limit', limit: 2, overflow: 'evict_oldest' } })
    t.equal(replaced.length, 4)
  },

  'a single session replaces all others': async (t, { store }) => {
    const user = createUser()
    await open(store, user)
    const { replaced } = await open(store, user, { policy: { kind: 'single' } })
    t.match(replaced, [{ ended: { reason: 'replaced' } }])
  },

  'a denied sign-in names the live sessions and changes nothing': async (t, { store }) => {
    const user = createUser()
    const policy = { kind: 'limit', limit: 1, overflow: 'deny' } as const
    const { session } = await open(store, user, { policy })
    t.match(await store.open(prepare(user, { policy }).request), { kind: 'limit', sessions: [{ id: session.id }] })
    t.equal((await listAll(store, user.id, 'all')).length, 1)
  },

  'expired sessions do not count': async (t, { store, redis }) => {
    const user = createUser()
    await open(store, user)
    const impatient = createStore(redis, { lifetimes: { idleMs: 1, absoluteMs: 1 } })
    await until(async () => (await listAll(impatient, user.id, 'active')).length === 0)
    const outcome = await store.open(prepare(user, { policy: { kind: 'limit', limit: 1, overflow: 'deny' } }).request)
    t.equal(outcome.kind, 'opened')
  }
}
