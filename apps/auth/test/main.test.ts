import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { env, execPath } from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createDatabase } from '@latchkey/testing/stores'
import { test } from 'tap'
import { createMigratedPlace, until } from './stack.ts'

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function getArguments(name: string): string[] {
  return ['--conditions=@latchkey/source', fileURLToPath(new URL(`../src/${name}`, import.meta.url))]
}

/** Runs an entry point to its end with nothing in its environment but what is given. */
function runEntry(name: string, given: Record<string, string>): Promise<Outcome> {
  const options = { env: { PATH: env.PATH ?? '', ...given } }
  return new Promise((resolve) => {
    execFile(execPath, getArguments(name), options, (err, stdout, stderr) => {
      resolve({ code: err === null ? 0 : Number(err.code), stdout, stderr })
    })
  })
}

test('a start with wrong variables ends with one line that names them all', async (t) => {
  const { code, stderr, stdout } = await runEntry('main.ts', { NATS_URL: 'nowhere', AUTH_PORT: '99999' })
  t.equal(code, 1)
  t.match(stderr, /^configuration: .*NATS_URL.*AUTH_PORT.*DATABASE_URL.*FACTOR_SECRET.*\n$/)
  t.notMatch(stderr, /nowhere|99999/)
  t.equal(stdout, '')
})

test('a migration tells in one line what it did', async (t) => {
  const { url: DATABASE_URL } = await createDatabase(t)
  t.same(await runEntry('migrate.ts', { DATABASE_URL }), {
    code: 0,
    stdout:
      'auth migrations: applied 0001-users, 0002-pending, 0003-outbox, 0010-mail, 0020-factors, 0030-administration, 0031-user-search, 0040-erasures\n',
    stderr: ''
  })
  t.match(await runEntry('migrate.ts', { DATABASE_URL }), { stdout: 'auth migrations: up to date\n' })
})

test('a started service becomes ready, and ends with 0 when it is told to', async (t) => {
  const { databaseUrl, natsUrl } = await createMigratedPlace(t)
  const FACTOR_SECRET = 'only-for-tests-0123456789abcdef0123456789'
  const given = { PATH: env.PATH ?? '', DATABASE_URL: databaseUrl, NATS_URL: natsUrl, FACTOR_SECRET }
  const child = spawn(execPath, getArguments('main.ts'), { env: given, stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => void child.kill('SIGKILL'))
  const address = Promise.withResolvers<string>()
  createInterface(child.stdout).on('line', (line) => {
    const entry: unknown = JSON.parse(line)
    if (entry instanceof Object && 'address' in entry) address.resolve(String(entry.address))
  })
  const url = await address.promise
  await until(async () => (await fetch(`${url}/readyz`)).status === 200)
  child.kill('SIGTERM')
  t.same(await once(child, 'exit'), [0, null])
})
