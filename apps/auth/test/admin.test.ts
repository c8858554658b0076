import { adminContract } from '@latchkey/contracts/admin'
import { fail } from '@latchkey/contracts/errors'
import { createClient } from '@latchkey/messaging/client'
import { type Test, test } from 'tap'
import { actor } from './domain/admin-fakes.ts'
import { serveSessions } from './session-service.ts'
import { logger } from './silent-logger.ts'
import { call, createMigratedPlace, createRegistration, createSignIn, getOpened, startAuth, until } from './stack.ts'

async function openScenario(t: Test) {
  const { auth, transport } = await startAuth(t, await createMigratedPlace(t))
  const sessions = serveSessions(transport)
  const admin = createClient(adminContract, transport, logger)
  const { user } = getOpened(await auth.register(createRegistration('ann@example.com'), call))
  return { auth, admin, transport, sessions, user }
}

test('whom an admin has blocked cannot sign in, and learns why by the right password alone', async (t) => {
  const { auth, admin, user, sessions } = await openScenario(t)
  const blocking = { userId: user.id, until: null, note: 'spam', actor }
  t.match(await admin.block(blocking, call), { value: { reason: 'admin', blockedUntil: null, note: 'spam' } })
  t.match(sessions.profiles.get(user.id), { version: 2, block: { until: null } })
  t.match(await auth.signIn(createSignIn('ann@example.com'), call), {
    code: 'user_blocked',
    details: { reason: 'admin' }
  })
  t.same(await auth.signIn(createSignIn('ann@example.com', 'wrong'), call), fail('invalid_credentials'))
  t.match(await admin.getUser({ userId: user.id }, call), { value: { id: user.id, block: { blockedBy: actor.id } } })

  t.match(await admin.unblock({ userId: user.id, actor }, call), { ok: true })
  t.match(sessions.profiles.get(user.id), { version: 3, block: null })
  t.match(await auth.signIn(createSignIn('ann@example.com'), call), { ok: true })
})

test('a block that the session service misses reaches it once it is back', async (t) => {
  const { admin, transport, sessions, user, auth } = await openScenario(t)
  await sessions.subscription.drain()
  const blocking = { userId: user.id, until: null, note: null, actor }
  t.same(await admin.block(blocking, call), fail('unavailable'))
  t.match(await auth.signIn(createSignIn('ann@example.com'), call), { code: 'user_blocked' })
  const back = serveSessions(transport)
  await until(() => back.profiles.has(user.id))
  t.match(back.profiles.get(user.id), { version: 2, block: { until: null } })
})

test('a role is known to the session service with the answer, and its loss ends every session', async (t) => {
  const { auth, admin, sessions, user } = await openScenario(t)
  const other = getOpened(await auth.register(createRegistration('bea@example.com'), call))
  await admin.setRole({ userId: other.user.id, role: 'admin', actor }, call)
  t.match(await admin.setRole({ userId: user.id, role: 'admin', actor }, call), { value: { role: 'admin' } })
  t.match(sessions.profiles.get(user.id), { user: { role: 'admin' } })
  t.equal(sessions.live.get(user.id)?.size, 1)
  t.match(await admin.setRole({ userId: user.id, role: 'user', actor }, call), { value: { role: 'user' } })
  t.equal(sessions.live.get(user.id)?.size, 0)
  t.same(await admin.setRole({ userId: other.user.id, role: 'user', actor }, call), fail('last_admin'))
  t.match(await auth.signIn(createSignIn('ann@example.com'), call), { ok: true })
})

test('users are listed as they are', async (t) => {
  const { admin, user } = await openScenario(t)
  const all = { query: null, state: null, role: null, limit: 10, cursor: null }
  t.same(await admin.listUsers(all, call), { ok: true, value: { items: [{ ...user, block: null }], nextCursor: null } })
})
