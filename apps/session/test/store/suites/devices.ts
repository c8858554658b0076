import { createUser, onDevice, open } from '../fixtures.ts'
import type { Suite } from './suite.ts'

export const devices: Suite = {
  'the same device replaces its own session, also where the limit would deny one more': async (t, { store }) => {
    const user = createUser()
    const policy = { kind: 'limit', limit: 2, overflow: 'deny' } as const
    const other = await open(store, user, { policy, ...onDevice('tablet-0001') })
    const before = await open(store, user, { policy, ...onDevice('phone-0001') })
    const after = await open(store, user, { policy, ...onDevice('phone-0001') })
    t.match(after.replaced, [{ id: before.session.id, ended: { reason: 'replaced' } }])
    t.same(
      after.concurrent.map(({ id }) => id),
      [other.session.id]
    )
  },

  'a device is new unless it is known or the sign-in is the first': async (t, { store }) => {
    const user = createUser()
    const told: boolean[] = []
    for (const id of ['phone-0001', 'laptop-001', 'phone-0001']) {
      told.push((await open(store, user, onDevice(id))).newDevice)
    }
    told.push((await open(store, user)).newDevice)
    t.same(told, [false, true, false, true])
  },

  'who signed up long ago and has no record is told of a new device': async (t, { store }) => {
    const { newDevice } = await open(store, createUser({ createdAt: '2020-01-01T00:00:00.000Z' }))
    t.equal(newDevice, true)
  },

  'of many devices the one not seen for longest is forgotten': async (t, { store, redis }) => {
    const user = createUser()
    for (let i = 10; i < 35; i += 1) await open(store, user, onDevice(`device-${i}`))
    const fields = await redis.hkeys(`lk:s:{${user.id.slice(-2)}}:${user.id}`)
    t.equal(fields.filter((field) => field.startsWith('d:')).length, 20)
  }
}
