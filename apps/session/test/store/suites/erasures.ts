import { createHash } from 'node:crypto'
import type { RedisClient } from '@latchkey/redis/client'
import type { Test } from 'tap'
import { createUser, listAll, onDevice, open, prepare, rotate } from '../fixtures.ts'
import type { Suite } from './suite.ts'

/** Whatever names the user: keys, and values of any kind, of their shard. */
async function listTraces(redis: RedisClient, userId: string): Promise<string[]> {
  const shard = userId.slice(-2)
  const packed = Buffer.from(userId.replaceAll('-', '').slice(0, 30), 'hex').toString('latin1')
  const owners = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].map((c) => `i:${c}`)
  const traces: string[] = []
  if ((await redis.exists(`lk:s:{${shard}}:${userId}`)) === 1) traces.push('hash')
  for (const name of owners) {
    const values = await redis.hvalsBuffer(`lk:s:{${shard}}:${name}`)
    if (values.some((value) => value.toString('latin1') === packed)) traces.push(name)
  }
  for (const name of ['outbox', 'outbox:dead']) {
    const entries = await redis.xrange(`lk:s:{${shard}}:${name}`, '-', '+')
    if (JSON.stringify(entries).includes(userId)) traces.push(name)
  }
  return traces
}

async function openSeveral(t: Test, store: Parameters<Suite[string]>[1]['store'], redis: RedisClient) {
  const user = createUser()
  const opened = [await open(store, user), await open(store, user, onDevice('a-device'))]
  await store.end({ userId: user.id, sessionId: opened[0]?.session.id ?? '' }, 'signed_out')
  t.ok((await listTraces(redis, user.id)).length >= 3, 'hash, owners and outbox name the user')
  return { user, opened }
}

export const erasures: Suite = {
  'of an erased user nothing is left, and what waited to be told is not told': async (t, { store, redis }) => {
    const { user } = await openSeveral(t, store, redis)
    const shard = user.id.slice(-2)
    await redis.xadd(`lk:s:{${shard}}:outbox:dead`, '*', 'event', `{"broken":"${user.id}`)
    const bystander = await open(store, createUser({ id: `${createUser().id.slice(0, -2)}${shard}` }))
    const { unannounced } = await store.erase(user.id)
    t.match(unannounced, [{ item: { kind: 'user', id: user.id } }])
    t.same(await listTraces(redis, user.id), [])
    t.same(await listAll(store, user.id, 'all'), [])
    const { id, userId } = bystander.session
    t.match(await store.check({ userId, sessionId: id }, { touch: true }), { kind: 'active' })
    t.match(await listTraces(redis, userId), ['hash', /^i:/, 'outbox'], 'a neighbour of the shard is as before')
  },

  'whoever comes late is told that the user was deleted': async (t, { store, redis }) => {
    const { user, opened } = await openSeveral(t, store, redis)
    await store.erase(user.id)
    for (const { session, token } of opened) {
      const reference = { userId: user.id, sessionId: session.id }
      const gone = { kind: 'ended', reason: 'user_deleted' }
      t.match(await store.check(reference, { touch: true }), gone)
      t.match((await rotate(store, token)).outcome, gone)
      t.equal(await store.find(session.id), undefined)
      t.equal(await store.end(reference, 'signed_out'), undefined)
    }
  },

  'nothing that is late brings an erased user back': async (t, { store, redis }) => {
    const { user, opened } = await openSeveral(t, store, redis)
    await store.erase(user.id)
    const outcome = await store.open(prepare(user, { epoch: 9 }).request)
    t.equal(outcome.kind, 'stale_epoch')
    await store.putProfile(user, 9, undefined)
    await store.endAll({ userId: user.id, exceptSessionId: undefined, reason: 'password_changed', epoch: 9 })
    await store.touch(opened.map(({ session }) => ({ userId: user.id, sessionId: session.id, ageMs: 0 })))
    t.same(await store.listDevices(user.id), [])
    t.same(await listTraces(redis, user.id), [])
  },

  'sign-ins, refreshes and uses that race an erasure leave nothing': async (t, { store, redis }) => {
    const { user, opened } = await openSeveral(t, store, redis)
    const token = opened[1]?.token ?? ''
    const sessionId = opened[1]?.session.id ?? ''
    const racing = Array.from({ length: 30 }, (_, n) => [
      store.open(prepare(user).request),
      rotate(store, token),
      store.touch([{ userId: user.id, sessionId, ageMs: 0 }]),
      store.putProfile(user, n + 2, undefined),
      ...(n === 10 ? [store.erase(user.id)] : [])
    ])
    await Promise.all(racing.flat())
    t.same(await listTraces(redis, user.id), [])
  },

  'erasing again is harmless and keeps the time of the first': async (t, { store, redis }) => {
    const { user, opened } = await openSeveral(t, store, redis)
    const reference = { userId: user.id, sessionId: opened[0]?.session.id ?? '' }
    await store.erase(user.id)
    const first = await store.check(reference, { touch: false })
    await store.erase(user.id)
    t.same(await store.check(reference, { touch: false }), first)
  },

  'the mark of a deletion names nobody and does not stay': async (t, { store, redis }) => {
    const user = createUser()
    const digest = createHash('sha1').update(user.id).digest('hex')
    const mark = `lk:s:{${user.id.slice(-2)}}:x:${digest}`
    await store.erase(user.id)
    t.match(await redis.get(mark), /^\d{13}$/)
    const lastsMs = await redis.pttl(mark)
    t.ok(lastsMs > 3_600_000 && lastsMs <= 24 * 3_600_000)
  },

  'known devices are told by their hash and their last sign-in': async (t, { store }) => {
    const user = createUser()
    const { session } = await open(store, user, onDevice('a-device'))
    await open(store, user)
    const [device, ...others] = await store.listDevices(user.id)
    t.match(device, { fingerprint: /^[\w-]{11}$/ })
    t.equal(device?.lastSignInAtMs, Math.floor(session.createdAtMs / 1000) * 1000)
    t.same(others, [])
  }
}
