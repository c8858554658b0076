import { test } from 'tap'
import { SERVICES, type Service } from '../../src/environment.ts'
import { makeSecrets, readCompose, readSecrets } from './compose-files.ts'
import { findManifest, podOf } from './manifests.ts'
import { isSecret, listVariables, readText, tracing } from './variables.ts'

/** What cannot be set for a container from outside, and why. */
interface Exceptions {
  readonly [name: string]: string
}

const mounted = 'says where something is mounted, or what is probed'
const inCompose: Exceptions = {
  ...Object.fromEntries(
    SERVICES.flatMap((service) =>
      ['HOST', 'PORT'].map((part) => [`${service.toUpperCase()}_${part}`, 'is set in the image'])
    )
  ),
  NODE_ENV: 'is set in the image',
  GATEWAY_MANAGEMENT_PORT: mounted,
  SIGNING_KEYS_DIR: mounted,
  MAIL_DIR: 'is for where there is no mail server',
  REDIS_HOST: 'is in REDIS_URL',
  REDIS_PORT: 'is in REDIS_URL',
  ...Object.fromEntries(
    ['NATS', 'REDIS', 'DATABASE'].flatMap((store) =>
      ['CA', 'CERT', 'KEY', 'SERVER_NAME'].map((part) => [`${store}_TLS_${part}`, 'no store is out of the machine'])
    )
  ),
  REDIS_SENTINEL: 'there is one Redis',
  REDIS_SENTINEL_USERNAME: 'there is one Redis',
  REDIS_SENTINEL_PASSWORD: 'there is one Redis',
  REDIS_WAIT_REPLICAS: 'there is one Redis',
  EVENT_REPLICAS: 'there is one NATS server'
}
const onKubernetes: Exceptions = {
  GATEWAY_MANAGEMENT_PORT: mounted,
  SIGNING_KEYS_DIR: mounted,
  KEY_PUBLISH_DELAY: 'is as long as a changed secret takes to reach every pod'
}

const compose = readCompose('compose.apps.yml')

/** The exceptions among what a service reads. */
function exceptionsOf(service: Service, exceptions: Exceptions): string[] {
  return listVariables(service).filter((name) => Object.hasOwn(exceptions, name))
}

for (const service of SERVICES) {
  test(`with Docker Compose everything that ${service} reads can be set, but for what is excepted`, async (t) => {
    const folder = t.testdir({})
    makeSecrets(folder)
    makeSecrets(folder, 'renew-factor-secret')
    const passed = Object.entries(compose.services[service]?.environment ?? {})
      .filter(([, value]) => value === null || value.includes('${'))
      .map(([name]) => name)
    const known = [...passed, ...Object.keys(readSecrets(folder, service))]
    const missing = listVariables(service).filter((name) => !known.includes(name))
    t.same(missing, exceptionsOf(service, inCompose))
  })

  test(`on Kubernetes everything that ${service} reads can be set, what is secret by a secret`, async (t) => {
    const { env, envFrom } = podOf(findManifest('Deployment', service)).container
    t.same(envFrom, [
      { configMapRef: { name: 'latchkey-settings' } },
      { configMapRef: { name: `latchkey-${service}`, optional: true } }
    ])
    const fixed = env.filter(({ value }) => value !== undefined).map(({ name }) => name)
    t.same(fixed.sort(), exceptionsOf(service, onKubernetes))
    const bySecret = env.filter(({ valueFrom }) => valueFrom?.secretKeyRef !== undefined).map(({ name }) => name)
    t.same(bySecret.sort(), listVariables(service).filter(isSecret))
  })
}

test('every exception is of something that is read', async (t) => {
  const read = SERVICES.flatMap(listVariables)
  t.same(
    Object.keys({ ...inCompose, ...onKubernetes }).filter((name) => !read.includes(name)),
    []
  )
})

test('what is not in the configuration of a service is read for traces only, and said to be', async (t) => {
  t.ok(tracing.length > 0)
  for (const service of SERVICES) {
    const read = [...readText(`apps/${service}/src/main.ts`).matchAll(/\benv\.(\w+)/g)].map(([, name = '']) => name)
    t.same(
      read.filter((name) => !tracing.includes(name)),
      [],
      service
    )
  }
})

/** The rows of README's table, each the names in its first cell. */
const rows = (readText('README.md').split('## Configuration')[1]?.split('\n## ')[0] ?? '')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => [...(line.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name))
const named = rows.flat().filter((name) => !name.includes('…'))

/** In full, as `REDIS_TLS_…`, or as `…_HOST` in the row of another that begins alike. */
function isNamed(variable: string): boolean {
  const [first = ''] = variable.split('_')
  const isMeant = (row: readonly string[], name: string) =>
    (name.endsWith('…') && variable.startsWith(name.slice(0, -1))) ||
    (name.startsWith('…') && variable.endsWith(name.slice(1)) && row.some((other) => other.startsWith(`${first}_`)))
  return named.includes(variable) || rows.some((row) => row.some((name) => isMeant(row, name)))
}

test('the table of README names every variable, and none that nobody reads', async (t) => {
  const said = 'NODE_ENV'
  const known = [...SERVICES.flatMap(listVariables), 'MIGRATION_DATABASE_URL', 'LATCHKEY_DATA']
  t.same(
    known.filter((name) => !isNamed(name) && name !== said && !tracing.includes(name)),
    []
  )
  t.same(
    named.filter((name) => !known.includes(name)),
    []
  )
})
