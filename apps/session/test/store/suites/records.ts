import type { Profile } from '@latchkey/contracts/ids'
import { createStore, createUser, open, prepare } from '../fixtures.ts'
import type { Suite } from './suite.ts'

export const records: Suite = {
  'a session that was opened is live, with the profile of its user': async (t, { store }) => {
    const user = createUser({ role: 'admin', username: 'ada', email: null })
    const { session } = await open(store, user, { method: 'password+totp', tokens: 'session' })
    const outcome = await store.check({ userId: user.id, sessionId: session.id }, { touch: false })
    t.match(outcome, { kind: 'active', user, session: { ...session, method: 'password+totp', tokens: 'session' } })
  },

  'a session of another user, and one that never was, are unknown': async (t, { store }) => {
    const user = createUser()
    const { session } = await open(store, user)
    const other = `f${user.id.slice(1)}`
    t.match(await store.check({ userId: other, sessionId: session.id }, { touch: false }), { kind: 'unknown' })
    const missing = prepare(user).request.id
    t.match(await store.check({ userId: user.id, sessionId: missing }, { touch: false }), { kind: 'unknown' })
    t.equal(await store.end({ userId: other, sessionId: session.id }, 'revoked_by_user'), undefined)
  },

  'a session is found by its id alone, ended too, for as long as it is kept': async (t, { store, redis }) => {
    const user = createUser()
    const opened = [await open(store, user), await open(store, user)] as const
    const [first, second] = opened.map(({ session }) => session)
    await store.end({ userId: user.id, sessionId: first?.id ?? '' }, 'signed_out')
    t.match(await store.find(first?.id ?? ''), { ...first, ended: { reason: 'signed_out' } })
    t.match(await store.find(second?.id ?? ''), second)
    t.equal(await store.find(prepare(user).request.id), undefined)
    const alike = `${second?.id.slice(0, 20)}${'-'.repeat(14)}`
    t.equal(await store.find(alike), undefined, 'an id that only begins alike')

    const forgetful = createStore(redis, { historyLength: 0 })
    await forgetful.end({ userId: user.id, sessionId: second?.id ?? '' }, 'signed_out')
    t.equal(await store.find(second?.id ?? ''), undefined)
  },

  'what finds sessions by their ids does not grow with users who are gone': async (t, { store, redis }) => {
    const shard = createUser().id.slice(-2)
    const users = Array.from({ length: 100 }, () => createUser({ id: `${createUser().id.slice(0, -2)}${shard}` }))
    const openAlike = (user: Profile) => {
      const { request } = prepare(user)
      return store.open({ ...request, id: `${shard}_${request.id.slice(3)}` })
    }
    const owners = `lk:s:{${shard}}:i:_`
    for (const user of users) {
      await openAlike(user)
      await redis.del(`lk:s:{${shard}}:${user.id}`)
    }
    t.ok((await redis.hlen(owners)) <= 10)
    t.equal(await redis.object('ENCODING', owners), 'listpack')
  },

  'any user agent is given back as it was': async (t, { store }) => {
    const agents = [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
      `<b>"it's"\\</b> %d %% 漢字 😀 ${'x'.repeat(450)}`,
      'a'.repeat(60 * 4 - 36),
      ''
    ]
    for (const userAgent of agents) {
      const device = { id: null, name: 'any', userAgent, ip: '192.0.2.7' }
      const { session } = await open(store, createUser(), { device })
      t.equal(session.device.userAgent, userAgent)
    }
  },

  'a profile is replaced by a newer one only, whichever way it comes': async (t, { store }) => {
    const user = createUser()
    await store.putProfile({ ...user, firstName: 'Third' }, 3, undefined)
    const { session } = await open(store, { ...user, firstName: 'Second' }, { profileVersion: 2 })
    await store.putProfile({ ...user, firstName: 'First' }, 1, undefined)
    const reference = { userId: user.id, sessionId: session.id }
    t.match(await store.check(reference, { touch: false }), { user: { firstName: 'Third' } })
    await store.putProfile({ ...user, firstName: 'F', lastName: 'L' }, 4, undefined)
    t.match(await store.check(reference, { touch: false }), { user: { firstName: 'F', lastName: 'L' } })
    await open(store, user, { profileVersion: undefined })
    t.match(await store.check(reference, { touch: false }), { user: { firstName: 'F' } })
  },

  'the list is newest first and paged by a place that stays': async (t, { store }) => {
    const user = createUser()
    const ids: string[] = []
    for (let i = 0; i < 5; i += 1) ids.unshift((await open(store, user)).session.id)
    const first = await store.list({ userId: user.id, state: 'all', limit: 2, beforeSlot: undefined })
    await open(store, user)
    const beforeSlot = first.sessions.at(-1)?.slot
    const second = await store.list({ userId: user.id, state: 'all', limit: 3, beforeSlot })
    const pages = [...first.sessions, ...second.sessions]
    t.same([pages.map(({ id }) => id), first.hasMore, second.hasMore], [ids, true, false])
  },

  'a live session of one device costs no more than 600 bytes, all included': async (t, { store, redis }) => {
    const user = createUser()
    const userAgent =
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36'
    const device = { id: crypto.randomUUID(), name: 'Chrome on Windows', userAgent, ip: '203.0.113.195' }
    await open(store, user, { device })
    const key = `lk:s:{${user.id.slice(-2)}}:${user.id}`
    t.equal(await redis.object('ENCODING', key), 'listpack')
    t.ok(Number(await redis.memory('USAGE', key)) <= 600)
  }
}
