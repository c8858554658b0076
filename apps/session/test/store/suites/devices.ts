import { createStore, createUser, onDevice, open } from '../fixtures.ts'
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

  'signing out does not forget a device, and it is known for as long as a browser keeps its cookie': async (
    t,
    { store, redis }
  ) => {
    const user = createUser()
    const brief = createStore(redis, { retentionMs: 0, historyLength: 0 })
    const { session } = await open(brief, user, onDevice('phone-0001'))
    await brief.end({ userId: user.id, sessionId: session.id }, 'signed_out')
    const key = `lk:s:{${user.id.slice(-2)}}:${user.id}`
    t.ok((await redis.pttl(key)) > 399 * 86_400_000)
    t.equal((await open(store, user, onDevice('phone-0001'))).newDevice, false)

    const [device = ''] = (await redis.hkeys(key)).filter((field) => field.startsWith('d:'))
    await redis.hset(key, device, Math.floor(Date.now() / 1000) - 400 * 86_400)
    t.equal((await open(store, user, onDevice('laptop-001'))).newDevice, true)
    t.equal(await redis.hexists(key, device), 0)
  },

  'of many devices the one not seen for longest is forgotten': async (t, { store, redis }) => {
    const user = createUser()
    for (let i = 10; i < 35; i += 1) await open(store, user, onDevice(`device-${i}`))
    const fields = await redis.hkeys(`lk:s:{${user.id.slice(-2)}}:${user.id}`)
    t.equal(fields.filter((field) => field.startsWith('d:')).length, 20)
  }
}
