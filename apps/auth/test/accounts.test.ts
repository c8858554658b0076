import { randomUUID, randomUUIDv7 } from 'node:crypto'
import { accountsContract, type PortableUser } from '@latchkey/contracts/accounts'
import { activityContract } from '@latchkey/contracts/activity'
import { fail, ok } from '@latchkey/contracts/errors'
import { createClient } from '@latchkey/messaging/client'
import { serve } from '@latchkey/messaging/server'
import bcrypt from 'bcryptjs'
import { test } from 'tap'
import { serveSessions } from './session-service.ts'
import { logger } from './silent-logger.ts'
import { call, createMigratedPlace, createRegistration, createSignIn, getOpened, startAuth, until } from './stack.ts'
import { openTestDatabase } from './store/stores.ts'

async function start(t: Parameters<typeof createMigratedPlace>[0]) {
  const place = await createMigratedPlace(t)
  const { auth, transport } = await startAuth(t, place)
  const sessions = serveSessions(transport)
  const erased: string[] = []
  let isDown = false
  const unused = () => Promise.reject(new Error('not needed by auth'))
  const activity = serve(
    activityContract,
    {
      admit: async () => ok({ lastActiveAt: null, activeUntil: null, activeForMs: null, windowMs: null }),
      getStatus: unused,
      listTimeline: unused,
      listRecorded: unused,
      listEvents: unused,
      getStats: unused,
      listLastActive: unused,
      erase: async ({ userId }) => {
        if (isDown) return fail('unavailable')
        erased.push(userId)
        return ok({})
      }
    },
    { transport, queue: 'activity', log: logger }
  )
  t.teardown(() => activity.drain())
  const accounts = createClient(accountsContract, transport, logger)
  const db = openTestDatabase(t, place.databaseUrl)
  const setDown = (down: boolean) => {
    isDown = down
  }
  return { accounts, auth, sessions, erased, db, setDown }
}

test('a user who proves their password is deleted, and everybody forgets them', async (t) => {
  const { accounts, auth, sessions, erased } = await start(t)
  const { user } = getOpened(await auth.register(createRegistration('ann@example.com'), call))
  t.same(await accounts.deleteOwn({ userId: user.id, password: 'wrong' }, call), fail('wrong_password'))
  t.ok(sessions.live.get(user.id)?.size)
  t.match(await accounts.deleteOwn({ userId: user.id, password: 'a fine password' }, call), { ok: true })
  t.equal(sessions.live.has(user.id), false)
  t.same(erased, [user.id])
  t.same(await auth.signIn(createSignIn('ann@example.com'), call), fail('invalid_credentials'))
  t.same(await accounts.deleteOwn({ userId: user.id, password: 'a fine password' }, call), fail('user_not_found'))
  const again = getOpened(await auth.register(createRegistration('ann@example.com'), call))
  t.not(again.user.id, user.id)
})

test('a deletion that a service was not there for is gone on with, and can be waited for', async (t) => {
  const { accounts, auth, erased, db, setDown } = await start(t)
  const { user } = getOpened(await auth.register(createRegistration('ann@example.com'), call))
  setDown(true)
  const request = { userId: user.id, password: 'a fine password' }
  t.same(await accounts.deleteOwn(request, call), fail('unavailable'))
  t.same(await accounts.deleteOwn(request, call), fail('unavailable'))
  t.same(erased, [])
  setDown(false)
  t.match(await accounts.delete({ userId: user.id, adminId: randomUUIDv7() }, call), { ok: true })
  t.same(erased, [user.id])
  t.same(await db.selectFrom('erasures').select('userId').execute(), [{ userId: null }])
})

test('the sweeper goes on with a deletion that nobody asks for again', async (t) => {
  const { accounts, auth, erased, db, setDown } = await start(t)
  const { user } = getOpened(await auth.register(createRegistration('ann@example.com'), call))
  setDown(true)
  await accounts.delete({ userId: user.id, adminId: randomUUIDv7() }, call)
  setDown(false)
  await db
    .updateTable('erasures')
    .set({ dueAt: new Date(0) })
    .execute()
  await until(() => erased.length === 1)
})

test('the last admin stays, whoever asks', async (t) => {
  const { accounts, auth, db } = await start(t)
  const { user } = getOpened(await auth.register(createRegistration('ann@example.com'), call))
  await db.updateTable('users').set({ role: 'admin' }).execute()
  t.same(await accounts.deleteOwn({ userId: user.id, password: 'a fine password' }, call), fail('last_admin'))
  t.same(await accounts.delete({ userId: user.id, adminId: user.id }, call), fail('last_admin'))
})

test('what is held about a user is given out only soon after a sign-in', async (t) => {
  const { accounts, auth } = await start(t)
  const { user } = getOpened(await auth.register(createRegistration('ann@example.com'), call))
  const ask = (ageMs: number) =>
    accounts.getData({ userId: user.id, authenticatedAt: new Date(Date.now() - ageMs).toISOString() }, call)
  t.match(await ask(0), { ok: true, value: { profile: { id: user.id }, hasPassword: true } })
  t.same(await ask(11 * 60_000), fail('reauthentication_required'))
})

test('an imported user signs in with the password they had, which is then hashed as ours are, once', async (t) => {
  const { accounts, auth, db } = await start(t)
  const passwordHash = bcrypt.hashSync('an old password', 4)
  const users = [{ line: 1, user: { email: 'Ann@Example.com', createdAt: '2019-05-06T07:08:09Z', passwordHash } }]
  t.match(await accounts.import({ adminId: randomUUID(), users }, call), { value: { imported: 1, faults: [] } })
  const read = async () => (await db.selectFrom('passwords').select('verifier').executeTakeFirst())?.verifier
  t.same(await auth.signIn(createSignIn('ann@example.com', 'wrong'), call), fail('invalid_credentials'))
  t.equal(await read(), passwordHash)
  const racing = await Promise.all(
    Array.from({ length: 5 }, () => auth.signIn(createSignIn('ann@example.com', 'an old password'), call))
  )
  t.ok(racing.every(({ ok }) => ok))
  const rehashed = await read()
  t.match(rehashed, /^\$argon2id\$/)
  t.match(await auth.signIn(createSignIn('ann@example.com', 'an old password'), call), { ok: true })
  t.equal(await read(), rehashed)
})

test('each bad line says what is wrong with it', async (t) => {
  const { accounts } = await start(t)
  const cases: [PortableUser, string, string][] = [
    [{}, 'email', 'one_required'],
    [{ email: 'nobody' }, 'email', 'invalid_format'],
    [{ mobile: '12' }, 'mobile', 'invalid_format'],
    [{ username: 'x'.repeat(51) }, 'username', 'too_long'],
    [{ username: 'a', firstName: 'x'.repeat(101) }, 'firstName', 'too_long'],
    [{ username: 'b', createdAt: 'yesterday' }, 'createdAt', 'invalid_format'],
    [{ username: 'c', createdAt: '2999-01-01T00:00:00Z' }, 'createdAt', 'invalid_format'],
    [{ username: 'd', passwordHash: 'secret' }, 'passwordHash', 'unsupported'],
    [{ username: 'e', passwordHash: `$2b$31$${'a'.repeat(53)}` }, 'passwordHash', 'too_costly']
  ]
  const users = cases.map(([user], index) => ({ line: index + 1, user }))
  const answer = await accounts.import({ adminId: randomUUID(), users }, call)
  if (!answer.ok) throw new Error(answer.code)
  t.equal(answer.value.imported, 0)
  t.same(
    answer.value.faults.map(({ line, field, code }) => [line, field, code]),
    cases.map(([, field, code], index) => [index + 1, field, code])
  )
})

test('what is exported can be imported again', async (t) => {
  const { accounts, auth, db } = await start(t)
  const adminId = randomUUID()
  await auth.register(createRegistration('ann@example.com'), call)
  await auth.register(createRegistration('bob@example.com'), call)
  const first = await accounts.list({ adminId, after: 0, limit: 1 }, call)
  if (!first.ok || first.value.next === null) throw new Error('there is more')
  const rest = await accounts.list({ adminId, after: first.value.next, limit: 5 }, call)
  if (!rest.ok) throw new Error(rest.code)
  t.equal(rest.value.next, null)
  const exported = [...first.value.users, ...rest.value.users]
  await db.deleteFrom('users').execute()
  const users = exported.map((user, index) => ({ line: index + 1, user }))
  t.match(await accounts.import({ adminId, users }, call), { value: { imported: 2 } })
  for (const [index, name] of ['ann', 'bob'].entries()) {
    const signedIn = await auth.signIn(createSignIn(`${name}@example.com`), call)
    t.match(signedIn, { ok: true, value: { user: { id: exported[index]?.id } } })
  }
})
