import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Test, test } from 'tap'
import { eventually, newEmail, PASSWORD, register, signIn } from '../../src/people.ts'
import { startProcesses } from '../../src/processes.ts'
import { listPath, startCollector } from './collector.ts'

const NOTE_LOADED = `--import=${new URL('note-loaded.ts', import.meta.url).href}`

/** The environment that has a service write down what it loads, and the file. */
async function noteLoaded(t: Test) {
  const file = join(t.testdir(), 'loaded.txt')
  await writeFile(file, '')
  const read = async () => (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '')
  return { environment: { NODE_OPTIONS: NOTE_LOADED, LOADED_FILE: file }, read }
}

test('a sign-in is one trace through all services down to their stores, and shows no secret', async (t) => {
  const collector = await startCollector(t)
  const loaded = await noteLoaded(t)
  const { api, services } = await startProcesses(t, {
    ...loaded.environment,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '100'
  })
  const email = newEmail()
  const registered = await register(api, email)
  const foreign = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const { status, body } = await api('POST', '/v1/sessions', {
    body: { identifier: email, password: PASSWORD },
    headers: { traceparent: foreign }
  })
  t.equal(status, 201)
  const linkToken = 'a-token-of-a-link-0123456789abcdefghijklmnop'
  await api('PUT', `/v1/password-resets/${linkToken}`, { body: { newPassword: 'a new and long password' } })
  for (const service of Object.values(services)) t.equal(await service.stop(), 0, 'a service that traces ends well')

  const { spans } = collector
  const root = spans.find(({ name }) => name === 'POST /v1/sessions')
  const trace = spans.filter(({ traceId }) => traceId === root?.traceId)
  const paths = trace.map((span) => listPath(span, trace).join(' > '))
  const signedIn = 'gateway POST /v1/sessions > gateway auth.sign_in > auth auth.sign_in'
  t.ok(paths.includes(signedIn))
  for (const beneath of [
    / > auth pg\.query:SELECT \w+$/,
    / > auth session\.open > session session\.open > session evalsha$/,
    / > auth activity\.\w+ > activity activity\.\w+ > activity evalsha$/
  ]) {
    t.ok(
      paths.some((path) => path.startsWith(signedIn) && beneath.test(path)),
      String(beneath)
    )
  }
  t.not(root?.traceId, foreign.split('-')[1], 'a trace begins at the gateway, whatever a client says')

  t.ok(spans.some(({ name }) => name === 'PUT /v1/password-resets/:token'))
  const secrets = [PASSWORD, email, linkToken, body.accessToken, body.refreshToken, registered.body.refreshToken]
  for (const secret of secrets) t.notOk(collector.received.some((text) => text.includes(secret)))
  t.not((await loaded.read()).length, 0)
})

test('without an endpoint nothing is loaded that would trace', async (t) => {
  const loaded = await noteLoaded(t)
  const { api } = await startProcesses(t, loaded.environment)
  const email = newEmail()
  await register(api, email)
  t.equal((await signIn(api, email)).status, 201)
  t.same(await loaded.read(), [])
})

test('a collector that is away costs no request, and does not keep a service from ending', async (t) => {
  const { api, services } = await startProcesses(t, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' })
  const answer = await eventually(
    () => register(api),
    ({ status }) => status === 201
  )
  t.equal(answer.status, 201)
  t.equal(await services.auth.stop(), 0)
})
