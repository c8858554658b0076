import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { pickFreePort } from '@latchkey/dev/free-port'
import { t as root, test } from 'tap'
import { type Environment, nodeArguments, type Service } from '../../src/environment.ts'
import { createApi } from '../../src/http.ts'
import { startService } from '../../src/processes.ts'

const empty = await mkdtemp(join(tmpdir(), 'latchkey-no-keys-'))
root.teardown(() => rm(empty, { recursive: true, force: true }))

const GOOD_SECRET = 'q8Zk3Vw1xT7nB5mC9rL2pJ6hG4fD0sAy'
const common = { NODE_ENV: 'production', NATS_URL: 'nats://127.0.0.1:1', PUBLIC_URL: 'https://id.example.com' }
/** What each service would start with in production; the stores need not be there. */
const complete: Readonly<Record<Service, Environment>> = {
  gateway: { ...common, GATEWAY_HOST: '127.0.0.1', GATEWAY_PORT: '0' },
  auth: {
    ...common,
    DATABASE_URL: 'postgres://auth:9f8e7d6c5b4a@127.0.0.1:1/auth',
    FACTOR_SECRET: GOOD_SECRET,
    SMTP_URL: 'smtp://127.0.0.1:1'
  },
  session: { ...common, REDIS_URL: 'redis://127.0.0.1:1', REFRESH_SECRET: GOOD_SECRET, SIGNING_KEYS_DIR: empty },
  activity: { ...common, REDIS_URL: 'redis://127.0.0.1:1' }
}

const weakSecrets = {
  missing: '',
  short: 'q8Zk3Vw1xT7nB5mC9rL2pJ6hG4fD0s',
  'one letter over and over': 'a'.repeat(40),
  'one piece over and over': 'q8Zk3Vw1xT7n'.repeat(3),
  published: 'your_jwt_secret_q8Zk3Vw1xT7nB5mC9rL2'
}
const refused: readonly (readonly [Service, string, string, Environment])[] = [
  ...Object.entries(weakSecrets).flatMap(([what, secret]): [Service, string, string, Environment][] => [
    ['session', `a secret of refresh tokens that is ${what}`, 'REFRESH_SECRET', { REFRESH_SECRET: secret }],
    ['auth', `a secret of second factors that is ${what}`, 'FACTOR_SECRET', { FACTOR_SECRET: secret }],
    [
      'gateway',
      `back-office routes with a key that is ${what}`,
      'SERVICE_KEY',
      { DIALECTS: 'device-sessions', SERVICE_KEY: secret }
    ]
  ]),
  ['session', 'a folder without a signing key', 'SIGNING_KEYS_DIR', {}],
  [
    'auth',
    'a password of the database that everybody knows',
    'DATABASE_URL',
    { DATABASE_URL: 'postgres://a:latchkey@b/c' }
  ],
  ['gateway', 'a password of the bus that everybody knows', 'NATS_URL', { NATS_URL: 'nats://gateway:latchkey@a:1' }],
  ['session', 'a password of Redis that everybody knows', 'REDIS_URL', { REDIS_URL: 'redis://:redis@a:1' }],
  ['activity', 'one of two such passwords', 'REDIS_URL', { REDIS_URL: 'redis://:4a5b6c@a:1,redis://:changeme@b:1' }],
  ['auth', 'mails that nobody gets', 'SMTP_URL', { SMTP_URL: '' }],
  ['auth', 'hashing that is too cheap', 'ARGON2_MEMORY_KIB', { ARGON2_MEMORY_KIB: '64' }],
  ['gateway', 'a public address without TLS', 'PUBLIC_URL', { PUBLIC_URL: 'http://id.example.com' }],
  ['activity', 'a Redis that it would have to guess', 'REDIS_URL', { REDIS_URL: '' }]
]

interface Ending {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function startAndEnd(service: Service, environment: Environment): Promise<Ending> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env.PATH ?? '', ...environment }, timeout: 60_000 }
    const child = execFile(process.execPath, nodeArguments(service), options, (_err, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr })
    )
  })
}

test('in production a service refuses what is good enough for development', { jobs: 4, buffered: true }, async (t) => {
  for (const [service, what, variable, changed] of refused) {
    t.test(`${service}: ${what}`, async (t) => {
      const { code, stdout, stderr } = await startAndEnd(service, { ...complete[service], ...changed })
      t.equal(code, 1)
      t.match(stderr, new RegExp(`^configuration: [^\\n]*${variable}[^\\n]*\\n$`))
      for (const value of Object.values(changed)) if (value !== '') t.notOk((stdout + stderr).includes(value))
    })
  }
})

test('strangers see neither metrics nor documents, and of health only whether', async (t) => {
  const port = await pickFreePort()
  const { url } = await startService(t, 'gateway', { ...complete.gateway, GATEWAY_MANAGEMENT_PORT: String(port) })
  const [strangers, operators] = [createApi(url), createApi(`http://127.0.0.1:${port}`)]
  for (const path of ['/metrics', '/docs', '/docs/', '/docs/json', '/docs/static/index.html', '/openapi.json']) {
    t.match((await strangers('GET', path)).body, { status: 404, code: 'not_found' }, path)
  }
  t.strictSame((await strangers('GET', '/readyz')).body, { status: 'unavailable' })
  t.match((await operators('GET', '/metrics')).body, 'process_cpu')
  t.match((await operators('GET', '/readyz')).body, { status: 'unavailable', checks: { nats: 'failing' } })
  t.equal((await operators('GET', '/openapi.json')).status, 200)
})
