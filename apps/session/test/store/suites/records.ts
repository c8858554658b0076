import { createUser, open, prepare } from '../fixtures.ts'
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
    await store.putProfile({ ...user, firstName: 'Third' }, 3)
    const { session } = await open(store, { ...user, firstName: 'Second' }, { profileVersion: 2 })
    await store.putProfile({ ...user, firstName: 'First' }, 1)
    const reference = { userId: user.id, sessionId: session.id }
    t.match(await store.check(reference, { touch: false }), { user: { firstName: 'Third' } })
    await store.putProfile({ ...user, firstName: 'F', lastName: 'L' }, 4)
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
