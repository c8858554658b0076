import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { createDatabase } from '@latchkey/testing/stores'
import { type Test, test } from 'tap'
import { migrateDatabase } from '../src/migrate-database.ts'
import { serveSessions } from './session-service.ts'
import { call, createMigratedPlace, createRegistration, createSignIn, startAuth, until } from './stack.ts'

const entry = fileURLToPath(new URL('../src/admin-create.ts', import.meta.url))
const PASSWORD = 'a fine password'

/** Runs the command as a person would, with what they type or pipe in. */
async function run(environment: Record<string, string>, args: readonly string[], input = '') {
  const child = spawn(process.execPath, ['--conditions=@latchkey/source', entry, ...args], {
    env: { PATH: process.env.PATH, ARGON2_MEMORY_KIB: '64', ARGON2_PASSES: '1', ...environment }
  })
  child.stdin.on('error', () => undefined).end(input)
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code, out, err }
}

async function openPlace(t: Test) {
  const place = await createMigratedPlace(t)
  const { auth, transport } = await startAuth(t, place)
  const { profiles } = serveSessions(transport)
  const create = (args: readonly string[], input?: string) => run({ DATABASE_URL: place.databaseUrl }, args, input)
  return { auth, profiles, create }
}

test('an admin is made with a password from the command line or from standard input, and signs in', async (t) => {
  const { auth, create } = await openPlace(t)
  const ann = await create(['--email', 'Ann@example.com', '--password', PASSWORD])
  t.same(ann, { code: 0, out: 'admin:create: Ann@example.com is created, an admin\n', err: '' })
  const bea = await create(['--email', 'bea@example.com'], `${PASSWORD}\n`)
  t.match(bea, { code: 0, err: '' })
  for (const email of ['ann@example.com', 'bea@example.com']) {
    t.match(await auth.signIn(createSignIn(email), call), { value: { user: { role: 'admin' } } })
  }
  t.match(await create(['--email', 'ann@example.com']), { code: 0, out: /an admin already/ }, 'twice does no harm')
})

test('who exists is made admin by their password or on demand, and their sessions learn of it', async (t) => {
  const { auth, create, profiles } = await openPlace(t)
  for (const name of ['ann', 'bea']) await auth.register(createRegistration(`${name}@example.com`), call)
  const wrong = await create(['--email', 'ann@example.com', '--password', 'another password'])
  t.match(wrong, { code: 1, out: '', err: /^admin:create: .*--promote.*\n$/ })
  t.equal(profiles.size, 0)

  t.match(await create(['--email', 'ann@example.com', '--password', PASSWORD]), { code: 0, out: /made an admin/ })
  t.match(await create(['--email', 'bea@example.com', '--promote']), { code: 0, out: /made an admin/ })
  await until(() => profiles.size === 2)
  t.match([...profiles.values()], [{ user: { role: 'admin' } }, { user: { role: 'admin' } }])
  t.match(await auth.signIn(createSignIn('ann@example.com'), call), { ok: true }, 'the password is as it was')
})

test('what is wrong is one line: the address, the password, the arguments, the database', async (t) => {
  const { url: DATABASE_URL } = await createDatabase(t)
  const environment = { DATABASE_URL }
  const args = ['--email', 'ann@example.com', '--password', PASSWORD]
  t.match(await run(environment, args), { code: 1, err: /^admin:create: the database .* pending\n$/ })
  await migrateDatabase({ url: DATABASE_URL, waitMs: 0 })
  t.match(await run(environment, ['--email', 'ann', '--password', PASSWORD]), {
    code: 1,
    err: /^admin:create: email must/
  })
  t.match(await run(environment, ['--email', 'ann@example.com'], 'short\n'), {
    code: 1,
    err: /^admin:create: password must/
  })
  t.match(await run(environment, ['--email', 'ann@example.com']), { code: 1, err: /^admin:create: password must/ })
  for (const wrong of [[], ['--password', PASSWORD], ['--email', 'a@example.com', '--role', 'admin']]) {
    t.match(await run(environment, wrong), { code: 2, err: /^usage: .*\n$/ })
  }
  const unset = await run({ DATABASE_URL: 'nonsense' }, args)
  t.match(unset, { code: 1, err: /^[^\n]*DATABASE_URL[^\n]*\n$/ })
  t.notMatch(unset.err, PASSWORD)
})

test('without a database in the environment the stack that runs in the folder is taken', async (t) => {
  const { url } = await createDatabase(t)
  await migrateDatabase({ url, waitMs: 0 })
  const folder = t.testdir({ 'auth.env': `DATABASE_URL=${url}\nPASSWORD_MIN_LENGTH=20\n` })
  const create = (password: string) =>
    run({ LATCHKEY_DATA: folder }, ['--email', 'ann@example.com', '--password', password])
  t.match(await create(PASSWORD), { code: 1, err: /password must have at least 20/ })
  t.match(await create(`${PASSWORD}, and long`), { code: 0 })
})
