import { writeFile } from 'node:fs/promises'
import { createAuthority } from '@latchkey/testing/certificates'
import { createCertificates, natsTlsArguments, redisTlsArguments, startTlsPostgres } from '@latchkey/testing/tls-stores'
import { t as root, test } from 'tap'
import { type Environment, SERVICES, type Service } from '../../src/environment.ts'
import { createApi } from '../../src/http.ts'
import { eventually, register } from '../../src/people.ts'
import { startProcesses, startService } from '../../src/processes.ts'

const certificates = await createCertificates(root)
const { files } = certificates
const [redis, postgres] = await Promise.all([redisTlsArguments(files), startTlsPostgres(root, certificates)])

function trust(kind: 'NATS' | 'REDIS' | 'DATABASE', ca = files.ca): Environment {
  return {
    [`${kind}_TLS_CA`]: ca,
    [`${kind}_TLS_CERT`]: files.clientCert,
    [`${kind}_TLS_KEY`]: files.clientKey,
    [`${kind}_TLS_SERVER_NAME`]: 'localhost'
  }
}

const tls = { ...trust('NATS'), ...trust('REDIS'), ...trust('DATABASE') }
const stores = { DATABASE_URL: postgres.url, REDIS_URL: `redis://127.0.0.1:${redis.port}`, ...tls }
const { api, environment } = await startProcesses(root, stores, { redis: redis.args, nats: natsTlsArguments(files) })

test('every service works with stores that take nobody without TLS and a certificate', async (t) => {
  const { status, body } = await register(api)
  t.equal(status, 201)
  t.equal((await api('GET', '/v1/me', { token: body.accessToken })).status, 200)
  const timeline = await eventually(
    () => api('GET', '/v1/me/activity', { token: body.accessToken }),
    (answer) => answer.body.items?.length > 0
  )
  t.ok(timeline.body.items.length > 0)
  t.equal((await api('DELETE', '/v1/sessions/current', { token: body.accessToken })).status, 204)
})

/** The store that a service is kept from, and what the service says of it. */
const stopped: Readonly<Record<Service, readonly ['NATS' | 'REDIS' | 'DATABASE', string]>> = {
  gateway: ['NATS', 'no connection to NATS'],
  auth: ['DATABASE', 'the database does not answer'],
  session: ['REDIS', 'no connection to Redis'],
  activity: ['NATS', 'no connection to NATS']
}

/** Starts a service and waits until it has said why it cannot work. */
async function startStopped(service: Service, changed: Environment, reason = '') {
  const own = { ...environment, ...changed, GATEWAY_MANAGEMENT_PORT: '' }
  const { url, lines } = await startService(root, service, own)
  const said = await eventually(
    async () => lines.find((line) => line.includes(stopped[service][1]) && line.includes(reason)) ?? '',
    (line) => line !== ''
  )
  return { said, readiness: await createApi(url)('GET', '/readyz') }
}

test('no service works with a server whose certificate another authority has signed, and each says so', async (t) => {
  const ca = `${files.ca}.other`
  await writeFile(ca, createAuthority().ca)
  const answers = await Promise.all(
    SERVICES.map(async (service) => {
      const changed = trust(stopped[service][0], ca)
      return [service, await startStopped(service, changed, 'certificate')] as const
    })
  )
  for (const [service, { said, readiness }] of answers) {
    t.equal(readiness.status, 503, service)
    t.match(said, /certificate/, service)
  }
})

test('no service is let in without TLS, and each says so', async (t) => {
  const answers = await Promise.all(
    SERVICES.map(async (service) => {
      const none = Object.fromEntries(Object.keys(trust(stopped[service][0])).map((name) => [name, '']))
      return [service, await startStopped(service, none)] as const
    })
  )
  for (const [service, { said, readiness }] of answers) {
    t.equal(readiness.status, 503, service)
    t.not(said, '', service)
  }
})
