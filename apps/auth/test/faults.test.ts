import { fail } from '@latchkey/contracts/errors'
import type { TestScope } from '@latchkey/testing/stores'
import { Client } from 'pg'
import { test } from 'tap'
import { serveSessions } from './session-service.ts'
import { call, createMigratedPlace, createRegistration, createSignIn, type Place, startAuth, until } from './stack.ts'

/** Takes a database away from everybody, and gives it back. */
async function createSwitch(t: TestScope, { databaseUrl }: Place) {
  const url = new URL(databaseUrl)
  const name = url.pathname.slice(1)
  url.pathname = '/postgres'
  const admin = new Client({ connectionString: url.href })
  await admin.connect()
  t.teardown(() => admin.end())
  return {
    off: async () => {
      await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`)
      await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name])
    },
    on: () => admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`)
  }
}

test('a database that goes away makes the answers unavailable, and comes back without a restart', async (t) => {
  const place = await createMigratedPlace(t)
  const { app, auth, transport } = await startAuth(t, place)
  serveSessions(transport)
  const database = await createSwitch(t, place)
  await auth.register(createRegistration('ann@example.com'), call)

  await database.off()
  t.same(await auth.signIn(createSignIn('ann@example.com'), call), fail('unavailable'))
  t.same(await auth.register(createRegistration('bea@example.com'), call), fail('unavailable'))
  t.equal((await app.inject('/readyz')).statusCode, 503)
  t.equal((await app.inject('/healthz')).statusCode, 200)

  await database.on()
  await until(async () => (await auth.signIn(createSignIn('ann@example.com'), call)).ok)
  t.equal((await app.inject('/readyz')).statusCode, 200)
})

test('without the session service nobody signs in, and everybody does once it is there', async (t) => {
  const { auth, transport } = await startAuth(t, await createMigratedPlace(t))
  t.same(await auth.register(createRegistration('ann@example.com'), call), fail('unavailable'))
  serveSessions(transport)
  t.match(await auth.signIn(createSignIn('ann@example.com'), call), { ok: true })
})
