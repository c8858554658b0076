import { fail } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { serveSessions } from './session-service.ts'
import { call, createMigratedPlace, createRegistration, createSignIn, type Place, startAuth } from './stack.ts'
import { openTestDatabase } from './store/stores.ts'

/** A user whose verifier was made under parameters that have risen since. */
async function startWithOldVerifier(t: Parameters<typeof createMigratedPlace>[0]) {
  const place: Place = await createMigratedPlace(t)
  const before = await startAuth(t, place)
  serveSessions(before.transport)
  await before.auth.register(createRegistration('ann@example.com'), call)
  await before.app.close()
  const db = openTestDatabase(t, place.databaseUrl)
  const readVerifier = async () => (await db.selectFrom('passwords').select('verifier').executeTakeFirst())?.verifier
  const { auth } = await startAuth(t, place, { ARGON2_PASSES: '2' })
  return { auth, db, readVerifier }
}

test('a right password under old parameters is hashed anew, a wrong one changes nothing', async (t) => {
  const { auth, readVerifier } = await startWithOldVerifier(t)
  const old = await readVerifier()
  t.same(await auth.signIn(createSignIn('ann@example.com', 'wrong'), call), fail('invalid_credentials'))
  t.equal(await readVerifier(), old)
  t.match(await auth.signIn(createSignIn('ann@example.com'), call), { ok: true })
  t.match(await readVerifier(), /^\$argon2id\$v=19\$m=64,t=2,p=1\$/)
})

test('20 parallel sign-ins under old parameters all succeed and change the verifier once', async (t) => {
  const { auth, db, readVerifier } = await startWithOldVerifier(t)
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, () => auth.signIn(createSignIn('ann@example.com'), call))
  )
  t.ok(outcomes.every(({ ok }) => ok))
  const first = await readVerifier()
  t.match(await auth.signIn(createSignIn('ann@example.com'), call), { ok: true })
  t.equal(await readVerifier(), first)
  t.equal((await db.selectFrom('passwords').selectAll().execute()).length, 1)
})

test('a verifier nobody can read is a wrong password', async (t) => {
  const { auth, db } = await startWithOldVerifier(t)
  for (const verifier of ['', 'garbage', '$argon2id$v=19$m=1048576,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA']) {
    await db.updateTable('passwords').set({ verifier }).execute()
    t.same(await auth.signIn(createSignIn('ann@example.com'), call), fail('invalid_credentials'))
  }
})
