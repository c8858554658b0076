import type { Profile } from '@latchkey/contracts/ids'
import type { SessionStore } from '../../../src/domain/ports.ts'
import { createUser, listAll, open, prepare } from '../fixtures.ts'
import type { Suite } from './suite.ts'

type Opened = Awaited<ReturnType<typeof open>>

/** How many that has ended. */
async function endAll(store: SessionStore, user: Profile, epoch: number, except?: Opened): Promise<number> {
  const exceptSessionId = except?.session.id
  return (await store.endAll({ userId: user.id, exceptSessionId, reason: 'password_changed', epoch })).ended
}

export const epochs: Suite = {
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

  'where older replicas have noted the newest epoch alone a late end takes that': async (t, { store, redis }) => {
    const user = createUser()
    const spared = await open(store, user)
    await redis.hset(`lk:s:{${user.id.slice(-2)}}:${user.id}`, { f: '3', g: '1' })
    const later = await open(store, user, { epoch: 3 })
    t.equal(await endAll(store, user, 2), 1)
    t.match(await listAll(store, user.id, 'active'), [{ id: later.session.id }])
    t.match(await listAll(store, user.id, 'ended'), [{ id: spared.session.id }])
  },

  'what is noted of epochs stays short': async (t, { store, redis }) => {
    const user = createUser()
    for (let epoch = 1_000_000; epoch < 1_000_020; epoch += 1) await open(store, user, { epoch })
    const noted = await redis.hget(`lk:s:{${user.id.slice(-2)}}:${user.id}`, 'h')
    t.match(noted, /^(\d+:\d+ )+$/)
    t.match(noted, /1000018:18 $/)
    t.ok((noted ?? '').length <= 60)
  }
}
