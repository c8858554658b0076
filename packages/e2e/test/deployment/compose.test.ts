import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getVariables as activity } from '@latchkey/activity/config'
import { getVariables as auth } from '@latchkey/auth/config'
import { READERS } from '@latchkey/contracts/services'
import { variablesOf as gateway } from '@latchkey/gateway/config'
import { type Environment, readConfig, type Variables } from '@latchkey/runtime/config'
import { getVariables as session } from '@latchkey/session/config'
import { test } from 'tap'
import { parse } from 'yaml'
import { SERVICES, type Service } from '../../src/environment.ts'

interface ComposeService {
  readonly build?: { readonly args: { readonly APP: string } }
  readonly command?: readonly string[]
  readonly environment?: Environment
  readonly volumes?: readonly string[]
  readonly networks?: readonly string[]
  readonly ports?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
}

interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>
  readonly volumes: object
  readonly networks: object
}

const docker = fileURLToPath(new URL('../../../../docker/', import.meta.url))
const text = readFileSync(join(docker, 'compose.apps.yml'), 'utf8')
/** How one file overrides another is said by tags, which change no value. */
const tags = ['!override', '!reset'].flatMap((tag) => [
  { tag, collection: 'map' as const },
  { tag, collection: 'seq' as const }
])
const compose: Compose = parse(text, { merge: true, customTags: tags })
const variables: Readonly<Record<Service, (environment: Environment) => Variables>> = {
  gateway,
  auth,
  session,
  activity
}
const nameOf = (volume: string) => volume.split(':')[0] ?? ''

function makeSecrets(folder: string): string {
  return execFileSync('/bin/sh', [join(docker, 'secrets.sh'), folder], { encoding: 'utf8' })
}

function readEnvironmentFile(file: string): Environment {
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
}

/** `${NAME:-default}` as it is while nothing is set. */
function withDefaults(environment: Environment = {}): Environment {
  const entries = Object.entries(environment)
  return Object.fromEntries(entries.map(([name, value]) => [name, value?.replace(/\$\{[A-Z_]+:-([^}]*)\}/g, '$1')]))
}

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

for (const service of SERVICES) {
  test(`${service} starts in production with what its container is given`, async (t) => {
    const folder = t.testdir({})
    makeSecrets(folder)
    const given = withDefaults(compose.services[service]?.environment)
    const environment = { NODE_ENV: 'production', ...readEnvironmentFile(join(folder, service, 'env')), ...given }
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
  t.same(networks('auth'), ['bus', 'database', 'edge'])
  for (const name of ['session', 'activity']) t.same(networks(name), ['bus', 'redis'], name)
})

test('whatever is mounted, joined or waited for is declared', async (t) => {
  const base: Compose = parse(readFileSync(join(docker, 'compose.yml'), 'utf8'))
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
