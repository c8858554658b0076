import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { READERS } from '@latchkey/contracts/services'
import { readConfig } from '@latchkey/runtime/config'
import { DCLinter } from 'dclint'
import { test } from 'tap'
import { SERVICES } from '../../src/environment.ts'
import { docker, makeSecrets, readCompose, readSecrets } from './compose-files.ts'
import { variables } from './variables.ts'

const text = readFileSync(join(docker, 'compose.apps.yml'), 'utf8')
const compose = readCompose('compose.apps.yml')
const nameOf = (volume: string) => volume.split(':')[0] ?? ''

interface LintResult {
  readonly messages: readonly { readonly rule: string; readonly line: number }[]
}

/** Rules of taste, and one against naming what is built, which `IMAGE_TAG` is for. */
const taste = [
  ...['no-build-and-image', 'no-quotes-in-volumes', 'require-project-name-field', 'services-alphabetical-order'],
  ...['service-dependencies-alphabetical-order', 'service-keys-order', 'top-level-properties-order']
]
const linter = new DCLinter({
  rules: Object.fromEntries(taste.map((rule) => [rule, 0 as const])),
  quiet: true,
  debug: false,
  exclude: []
})

function findFaults(...files: readonly string[]): string[] {
  const results: readonly LintResult[] = linter.lintFiles([...files], false)
  return results.flatMap(({ messages }) => messages.map(({ rule, line }) => `${rule} in line ${line}`))
}

/** What a container is given while nothing is set: `${NAME:-default}` is its default, a name alone is left out. */
function givenTo(service: string): Record<string, string> {
  const entries = Object.entries(compose.services[service]?.environment ?? {})
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (value === null ? [] : [[name, value.replace(/\$\{[A-Z_]+:-([^}]*)\}/g, '$1')]]))
  )
}

test('both files keep to the specification of Compose, and to what its linter holds to be safe', async (t) => {
  t.same(findFaults(join(docker, 'compose.yml'), join(docker, 'compose.apps.yml')), [])
})

test('the linter finds what is unknown, without a version, or open to everybody', async (t) => {
  const folder = t.testdir({
    'unknown.yml': 'services:\n  a:\n    image: a:1\n    restarts: always\n',
    'open.yml': "services:\n  a:\n    image: a\n    ports: ['1:2']\n"
  })
  t.match(findFaults(join(folder, 'unknown.yml')), [/^invalid-schema/])
  const open = findFaults(join(folder, 'open.yml')).join('\n')
  for (const rule of ['service-image-require-explicit-tag', 'no-unbound-port-interfaces']) t.match(open, rule)
})

test('secrets are made once, each for its reader alone, and no two are the same', async (t) => {
  const folder = t.testdir({})
  t.equal(makeSecrets(folder), 'secrets: made\n')
  const files = ['postgres/superuser', 'postgres/owner', 'postgres/auth', 'redis/users.acl', 'nats/nats.conf']
  const all = [...files, ...['migrate', ...SERVICES, ...READERS].map((reader) => `${reader}/env`)]
  const texts = all.map((file) => readFileSync(join(folder, file), 'utf8'))
  for (const file of all) t.equal(statSync(join(folder, file)).mode & 0o077, 0, file)
  const secrets = texts.flatMap((content) => content.match(/[0-9a-f]{64}/g) ?? [])
  // Three of PostgreSQL (two of them again in a URL), two of Redis (and their hashes), five of NATS (twice), three keys.
  t.equal(new Set(secrets).size, 3 + 2 + 2 + 5 + 3)
  t.equal(makeSecrets(folder), 'secrets: there already\n')
  t.same(
    all.map((file) => readFileSync(join(folder, file), 'utf8')),
    texts
  )
})

test('secrets from before there was a program that follows the events gain its password, and stay as they were', async (t) => {
  const folder = t.testdir({})
  makeSecrets(folder)
  const passwords = join(folder, 'nats', 'nats.conf')
  const before = readFileSync(passwords, 'utf8').replace(/CONSUMER_PASSWORD.*\n/, '')
  writeFileSync(passwords, before)
  rmSync(join(folder, 'consumer'), { recursive: true })
  makeSecrets(folder)
  const [, password] = /^CONSUMER_PASSWORD: "(.+)"$/m.exec(readFileSync(passwords, 'utf8')) ?? []
  t.ok(readFileSync(passwords, 'utf8').startsWith(before))
  t.equal(readFileSync(join(folder, 'consumer', 'env'), 'utf8'), `NATS_URL=nats://consumer:${password}@nats:4222\n`)
})

test('the secret of factors is renewed with the former ones listed, which are forgotten by name', async (t) => {
  const folder = t.testdir({})
  makeSecrets(folder)
  const first = readSecrets(folder, 'auth')
  t.match(makeSecrets(folder, 'renew-factor-secret'), /a new one/)
  const second = readSecrets(folder, 'auth')
  makeSecrets(folder, 'renew-factor-secret')
  const third = readSecrets(folder, 'auth')
  t.equal(third.FACTOR_SECRETS_FORMER, `${second.FACTOR_SECRET},${first.FACTOR_SECRET}`)
  t.equal(new Set([first, second, third].map(({ FACTOR_SECRET }) => FACTOR_SECRET)).size, 3)
  t.doesNotThrow(() => readConfig(variables.auth({}), { ...third, PUBLIC_URL: 'http://127.0.0.1' }))
  makeSecrets(folder, 'forget-former-factor-secrets')
  const { FACTOR_SECRETS_FORMER: _former, ...rest } = third
  t.same(readSecrets(folder, 'auth'), rest)
  t.equal(statSync(join(folder, 'auth', 'env')).mode & 0o077, 0)
  t.throws(() => makeSecrets(folder, 'renew'), /what is renew/)
})

for (const service of SERVICES) {
  test(`${service} starts in production with what its container is given`, async (t) => {
    const folder = t.testdir({})
    makeSecrets(folder)
    const environment = { NODE_ENV: 'production', ...readSecrets(folder, service), ...givenTo(service) }
    const known = variables[service](environment)
    t.same(
      Object.keys(environment).filter((name) => !Object.hasOwn(known, name)),
      []
    )
    t.doesNotThrow(() => readConfig(known, environment))
  })

  test(`${service} is built by itself, may change nothing and sees its own secrets only`, async (t) => {
    const container = compose.services[service]
    t.match(container, { build: { args: { APP: service } }, read_only: true, cap_drop: ['ALL'] })
    t.match(container, { security_opt: ['no-new-privileges:true'], mem_limit: String, pids_limit: Number })
    t.match(container, { stop_grace_period: '30s', restart: 'unless-stopped' }, 'it ends within ten seconds')
    t.same(container?.volumes, [`secrets-${service}:/secrets:ro`])
    t.same(container?.command, ['node', '--env-file=/secrets/env', 'dist/main.js'])
  })
}

test('auth starts after its schema is there, session after its key', async (t) => {
  t.equal(compose.services.auth?.depends_on?.migrate?.condition, 'service_completed_successfully')
  t.equal(compose.services.session?.depends_on?.keys?.condition, 'service_completed_successfully')
  t.same(compose.services.migrate?.command, ['node', '--env-file=/secrets/env', 'dist/migrate.js'])
})

test('only the gateway is reached from outside, and no app reaches a store that is not its own', async (t) => {
  const published = Object.entries(compose.services).filter(([, { ports = [] }]) => ports.length > 0)
  t.same(
    published.map(([name]) => name),
    ['gateway']
  )
  const networks = (name: string) => compose.services[name]?.networks
  t.same(networks('gateway'), ['bus', 'edge'])
  t.same(networks('auth'), ['bus', 'database', 'outside'])
  t.same(networks('session'), ['bus', 'redis'])
  t.same(networks('activity'), ['bus', 'redis', 'outside'])
  const open = Object.entries(compose.networks).filter(([, { internal = false }]) => !internal)
  t.same(
    open.map(([name]) => name),
    ['edge', 'outside']
  )
})

test('whatever is mounted, joined or waited for is declared', async (t) => {
  const base = readCompose('compose.yml')
  const services = Object.keys({ ...base.services, ...compose.services })
  for (const [name, { volumes = [], networks = [], depends_on = {} }] of Object.entries(compose.services)) {
    const named = volumes.map(nameOf).filter((volume) => !volume.startsWith('.'))
    t.same(
      named.filter((volume) => !Object.hasOwn(compose.volumes, volume)),
      [],
      name
    )
    t.same(
      networks.filter((network) => !Object.hasOwn(compose.networks, network)),
      [],
      name
    )
    t.same(
      Object.keys(depends_on).filter((other) => !services.includes(other)),
      [],
      name
    )
    for (const file of volumes.map(nameOf).filter((volume) => volume.startsWith('.')))
      t.ok(statSync(join(docker, file)))
  }
})

test('no secret is in the repository', async (t) => {
  t.notMatch(text, /PASSWORD: (?!\/)|:\/\/[^/\s]*:[^@\s/]+@/)
})
