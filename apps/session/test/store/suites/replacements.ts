import { createUser, listAll, listEvents, onDevice, open, prepare, rotate } from '../fixtures.ts'
import type { Suite } from './suite.ts'

export const replacements: Suite = {
  'a session goes on in the place of another, on the same device, and that one has ended': async (t, subject) => {
    const { store, redis } = subject
    const user = createUser()
    const other = await open(store, user)
    const before = await open(store, user)
    const after = await open(store, user, { method: 'password+totp', replaces: before.session.id })
    t.match(after, { newDevice: false, session: { method: 'password+totp' } })
    t.match(after.replaced, [{ id: before.session.id, ended: { reason: 'replaced' } }])
    t.match(after.unannounced, [{ item: { kind: 'session', id: before.session.id } }])
    t.match((await rotate(store, before.token)).outcome, { kind: 'ended', reason: 'replaced' })
    const live = (await listAll(store, user.id, 'active')).map(({ id }) => id)
    t.same(live, [after.session.id, other.session.id])
    const opened = (await listEvents(redis, user.id)).find(({ id }) => id === `${after.session.id}:opened`)
    t.match(opened, { payload: { newDevice: false } })
  },

  'a session that goes on is none more: no limit denies it, or lets it evict another': async (t, { store }) => {
    for (const overflow of ['deny', 'evict_oldest'] as const) {
      const user = createUser()
      const policy = { kind: 'limit', limit: 2, overflow } as const
      const oldest = await open(store, user, { policy })
      const before = await open(store, user, { policy })
      const after = await open(store, user, { policy, replaces: before.session.id })
      t.same(
        after.concurrent.map(({ id }) => id),
        [oldest.session.id]
      )
    }
  },

  'nothing goes on in the place of a session that has ended, or is not there': async (t, { store }) => {
    const user = createUser()
    const { session } = await open(store, user)
    const stranger = await open(store, createUser())
    await store.end({ userId: user.id, sessionId: session.id }, 'revoked_by_user')
    const replace = (replaces: string) => store.open(prepare(user, { replaces, ...onDevice('phone-0001') }).request)
    t.match(await replace(session.id), { kind: 'ended', reason: 'revoked_by_user' })
    t.match(await replace(stranger.session.id), { kind: 'unknown' })
    t.same(await listAll(store, user.id, 'active'), [])
  },

  'what goes on under the credentials before a change ends with the change, or does not begin': async (t, subject) => {
    const { store } = subject
    const user = createUser()
    const [early, late] = [await open(store, user), await open(store, user)]
    await open(store, user, { replaces: early.session.id })
    const change = { userId: user.id, reason: 'password_changed', epoch: 1 } as const
    t.match(await store.endAll({ ...change, exceptSessionId: late.session.id }), { ended: 1 })
    t.match(await store.open(prepare(user, { replaces: late.session.id }).request), { kind: 'stale_epoch' })
    t.match(await listAll(store, user.id, 'active'), [{ id: late.session.id }])
  },

  'of 20 that would go on in the place of one session, one does': async (t, { store }) => {
    const user = createUser()
    const { session } = await open(store, user)
    const attempts = Array.from({ length: 20 }, () => store.open(prepare(user, { replaces: session.id }).request))
    const outcomes = await Promise.all(attempts)
    t.equal(outcomes.filter(({ kind }) => kind === 'opened').length, 1)
    t.equal(outcomes.filter(({ kind }) => kind === 'ended').length, 19)
    t.equal((await listAll(store, user.id, 'active')).length, 1)
  },

  'whatever the order of a revoke of all and a session going on, nothing is alive after': async (t, { store }) => {
    for (let i = 0; i < 100; i += 1) {
      const user = createUser()
      const { session } = await open(store, user)
      const all = { userId: user.id, exceptSessionId: undefined, reason: 'revoked_by_user', epoch: undefined } as const
      const changes = [() => store.endAll(all), () => store.open(prepare(user, { replaces: session.id }).request)]
      await Promise.all((i % 2 === 0 ? changes : changes.toReversed()).map((change) => change()))
      t.same(await listAll(store, user.id, 'active'), [])
    }
  }
}
