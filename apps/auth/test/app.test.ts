import { fail } from '@latchkey/contracts/errors'
import type { PlatformEvent } from '@latchkey/contracts/events'
import { ensureEventStream } from '@latchkey/messaging/events'
import { listen } from '@latchkey/messaging/listen'
import { test } from 'tap'
import { migrateDatabase } from '../src/migrate-database.ts'
import { opening } from './domain/fakes.ts'
import { serveSessions } from './session-service.ts'
import { logger } from './silent-logger.ts'
import {
  call,
  createMigratedPlace,
  createPlace,
  createRegistration,
  createSignIn,
  getOpened,
  startAuth,
  until
} from './stack.ts'

test('a person registers, signs in and is shown, and the platform is told', async (t) => {
  const { auth, transport } = await startAuth(t, await createMigratedPlace(t))
  serveSessions(transport)
  await ensureEventStream(transport)
  const events: PlatformEvent[] = []
  const keep = async (event: PlatformEvent) => void events.push(event)
  const listening = listen({ userRegistered: keep, signInFailed: keep }, { transport, durable: 'test', log: logger })

  const registered = await auth.register(createRegistration('Ann@Example.com'), call)
  t.match(registered, {
    ok: true,
    value: { user: { email: 'Ann@Example.com', number: 1 }, opened: { notices: { newDevice: false } } }
  })
  const signedIn = await auth.signIn(createSignIn('ann@example.COM'), call)
  if (!signedIn.ok) throw new Error(signedIn.code)
  const { user } = signedIn.value
  t.same(await auth.getUser({ userId: user.id }, call), { ok: true, value: user })
  // The one waits in the database until it is relayed, the other does not.
  await until(() => events.length === 1)
  t.same(await auth.signIn(createSignIn('ann@example.com', 'wrong'), call), fail('invalid_credentials'))

  await until(() => events.length === 2)
  t.match(events, [
    { name: 'userRegistered', userId: user.id },
    { name: 'signInFailed', userId: user.id }
  ])
  await listening.drain()
})

test('somebody without a password is found and vouched for, and signs in with none', async (t) => {
  const { auth, transport } = await startAuth(t, await createMigratedPlace(t))
  serveSessions(transport)
  const identifier = { kind: 'mobile', value: '+9012345678' } as const
  const registration = {
    ...createRegistration('x'),
    identifiers: [identifier],
    password: null,
    firstName: 'SavingsBank'
  }
  const { user } = getOpened(await auth.register({ ...registration, rules: 'legacy' }, call))
  const bare = { kind: 'mobile', value: '9012345678' } as const
  t.same(await auth.findUser({ identifier: bare }, call), { ok: true, value: user })
  t.match(await auth.signInTrusted({ identifier: bare, name: 'SavingsBank', opening }, call), { ok: true })
  t.same(await auth.signInTrusted({ identifier, name: 'Bank', opening }, call), fail('invalid_credentials'))
  for (const password of ['', 'null', 'SavingsBank']) {
    t.same(await auth.signIn(createSignIn('+9012345678', password), call), fail('invalid_credentials'))
  }
})

test('of 20 parallel registrations of one address exactly one succeeds', async (t) => {
  const { auth, transport } = await startAuth(t, await createMigratedPlace(t))
  serveSessions(transport)
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      auth.register(createRegistration(index % 2 === 0 ? 'ann@example.com' : 'ANN@EXAMPLE.COM'), call)
    )
  )
  t.equal(outcomes.filter(({ ok }) => ok).length, 1)
  const refused = outcomes.filter(({ ok }) => !ok)
  t.same(refused, Array(19).fill(fail('identifier_taken', { field: 'email' })))
})

test('sign-ins with the old password that race its change leave nothing alive', async (t) => {
  const { auth, transport } = await startAuth(t, await createMigratedPlace(t))
  const { live } = serveSessions(transport)
  const registered = await auth.register(createRegistration('ann@example.com'), call)
  const { user, session } = getOpened(registered)

  const signIns = Array.from({ length: 30 }, () => auth.signIn(createSignIn('ann@example.com'), call))
  const change = {
    userId: user.id,
    sessionId: session.id,
    currentPassword: 'a fine password',
    newPassword: 'a better one'
  }
  t.match(await auth.changePassword(change, call), { ok: true })
  await Promise.all(signIns)
  t.same([...(live.get(user.id) ?? [])], [session.id])
  t.same(await auth.signIn(createSignIn('ann@example.com'), call), fail('invalid_credentials'))
  t.match(await auth.signIn(createSignIn('ann@example.com', 'a better one'), call), { ok: true })
})

test('a password change that the session service misses ends the sessions once it is back', async (t) => {
  const { auth, transport } = await startAuth(t, await createMigratedPlace(t))
  const first = serveSessions(transport)
  const registered = await auth.register(createRegistration('ann@example.com'), call)
  const { user, session } = getOpened(registered)
  await auth.signIn(createSignIn('ann@example.com'), call)
  await first.subscription.drain()

  const change = {
    userId: user.id,
    sessionId: session.id,
    currentPassword: 'a fine password',
    newPassword: 'a better one'
  }
  t.same(await auth.changePassword(change, call), fail('unavailable'))
  const second = serveSessions(transport)
  second.live.set(user.id, new Set(first.live.get(user.id)))
  await until(() => second.live.get(user.id)?.size === 1)
  t.same([...(second.live.get(user.id) ?? [])], [session.id])
})

test('a changed profile has reached the session service when the answer comes, or soon after', async (t) => {
  const { auth, transport } = await startAuth(t, await createMigratedPlace(t))
  const first = serveSessions(transport)
  const registered = await auth.register(createRegistration('ann@example.com'), call)
  if (!registered.ok) throw new Error(registered.code)
  const { id: userId } = registered.value.user
  const change = { userId, authenticatedAt: new Date().toISOString() }

  t.match(await auth.updateProfile({ ...change, changes: { firstName: 'Ann' } }, call), { value: { firstName: 'Ann' } })
  t.match(first.profiles.get(userId), { user: { firstName: 'Ann' }, version: 2 })
  await first.subscription.drain()
  t.same(await auth.updateProfile({ ...change, changes: { username: 'Wanderer' } }, call), fail('unavailable'))
  const second = serveSessions(transport)
  await until(() => second.profiles.has(userId))
  t.match(second.profiles.get(userId), { user: { email: 'ann@example.com', username: 'Wanderer' }, version: 3 })
})

test('hostile text is a fault of the request at every procedure', async (t) => {
  const { auth, transport } = await startAuth(t, await createMigratedPlace(t))
  serveSessions(transport)
  const registered = await auth.register(createRegistration('ann@example.com'), call)
  const { user, session } = getOpened(registered)
  for (const text of ['a\0b', '\ud800', 'x'.repeat(5000)]) {
    const replies = [
      await auth.register(createRegistration(text), call),
      await auth.register(createRegistration('bea@example.com', text), call),
      await auth.register({ ...createRegistration('bea@example.com'), firstName: text }, call),
      await auth.updateProfile(
        { userId: user.id, authenticatedAt: new Date().toISOString(), changes: { lastName: text } },
        call
      ),
      await auth.changePassword(
        { userId: user.id, sessionId: session.id, currentPassword: 'a fine password', newPassword: text },
        call
      )
    ]
    for (const reply of replies) t.match(reply, { ok: false, code: 'invalid_request' })
  }
  const broken = { userId: user.id, sessionId: 'a\0b', currentPassword: 'a fine password', newPassword: 'a better one' }
  t.match(await auth.changePassword(broken, call), { ok: false, code: 'invalid_request' })
})

test('the service is ready once its migrations are done', async (t) => {
  const place = await createPlace(t)
  const { app, auth } = await startAuth(t, place)
  const before = await app.inject('/readyz')
  t.equal(before.statusCode, 503)
  t.match(before.json(), { checks: { postgres: 'failing', passwords: 'ok', nats: 'ok' } })
  t.equal((await app.inject('/healthz')).statusCode, 200)
  t.same(await auth.signIn(createSignIn('ann@example.com'), call), fail('unavailable'))

  await migrateDatabase({ url: place.databaseUrl, waitMs: 0 })
  t.equal((await app.inject('/readyz')).statusCode, 200)
  t.match((await app.inject('/metrics')).body, /latchkey_call_duration_seconds_count.*auth\.sign_in/)
})

test('closing leaves the transport to whoever opened it', async (t) => {
  const { app, transport } = await startAuth(t, await createMigratedPlace(t))
  await app.close()
  t.equal(transport.state, 'connected')
})
