import { Client } from 'pg'
import { type Test, test } from 'tap'
import { asRole, startGuardedPostgres } from '../../src/guarded-postgres.ts'
import { createApi } from '../../src/http.ts'
import { eventually, newEmail, register, signIn } from '../../src/people.ts'
import { startProcesses, startService } from '../../src/processes.ts'

const CLIENTS = 3
/** Sign-ins after each step, so that one that went wrong is noticed. */
const MORE = 12

async function connect(t: Test, url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  // Connections are cut off on purpose.
  client.on('error', () => undefined)
  await client.connect()
  t.teardown(() => client.end())
  return client
}

/** People who sign in, one time after another, until they are stopped. */
function startSignIns(ask: () => ReturnType<typeof signIn>) {
  const statuses: number[] = []
  let stopped = false
  const live = async () => {
    while (!stopped) statuses.push((await ask()).status)
  }
  const ended = Promise.all(Array.from({ length: CLIENTS }, live))
  const until = async (count: number) => {
    await eventually(
      async () => statuses.length,
      (length) => length >= count
    )
  }
  const stop = async () => {
    stopped = true
    await ended
  }
  return { statuses, goOn: () => until(statuses.length + MORE), stop }
}

test('the password of the database is changed under load by a second role, and at once when it leaked', async (t) => {
  const { superuser, owner, service } = await startGuardedPostgres(t)
  const stack = await startProcesses(t, { DATABASE_URL: service, MIGRATION_DATABASE_URL: owner })
  const { api, environment, services } = stack
  const operator = await connect(t, superuser)
  const email = newEmail()
  t.equal((await register(api, email)).status, 201)
  const second = asRole(service, 'latchkey_auth_2', 'another-password')
  const startReplica = () => startService(t, 'auth', { ...environment, DATABASE_URL: second })
  let replica = services.auth

  await t.test('under load nobody notices', async (t) => {
    const signIns = startSignIns(() => signIn(api, email))
    await signIns.goOn()
    await operator.query("create role latchkey_auth_2 login password 'another-password' in role latchkey_auth")
    replica = await startReplica()
    const ready = await eventually(
      () => createApi(replica.url)('GET', '/readyz'),
      ({ status }) => status === 200
    )
    t.equal(ready.status, 200)
    await signIns.goOn()
    t.equal(await services.auth.stop(), 0)
    await operator.query('alter role latchkey_auth nologin password null')
    await signIns.goOn()
    await signIns.stop()
    t.same([...new Set(signIns.statuses)], [201])
    await t.rejects(connect(t, service), { code: /^28/ }, 'the former password is good for nothing')
    const renamed = await connect(t, second)
    await t.rejects(renamed.query('create table mine (id int)'), { code: '42501' }, 'it may what the former role may')
  })

  await t.test('one that leaked is replaced at once, at the cost of what is asked meanwhile', async (t) => {
    await operator.query("alter role latchkey_auth_2 password 'a-third-one'")
    t.equal((await signIn(api, email)).status, 201, 'connections that are open stay')
    await operator.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'latchkey_auth_2'")
    const refused = await signIn(api, email)
    t.match([refused.status, refused.body.code], [503, 'unavailable'])
    const waiting = await createApi(replica.url)('GET', '/readyz')
    t.equal(waiting.status, 503)
    await replica.stop()
    await stack.restart('auth', { DATABASE_URL: asRole(second, 'latchkey_auth_2', 'a-third-one') })
    t.equal((await signIn(api, email)).status, 201)
  })
})
