import { setTimeout as delay } from 'node:timers/promises'
import { type Test, test } from 'tap'
import { slow } from '../../src/faults/break.ts'
import { startPlatform } from '../../src/faults/platform.ts'
import { runScenario } from '../../src/faults/run-scenario.ts'
import { halfOfRollingRestart } from '../../src/faults/scenarios/restarts.ts'
import { registerAccount } from '../../src/history/account.ts'
import { createRandom } from '../../src/history/random.ts'
import { createApi } from '../../src/http.ts'
import { eventually } from '../../src/people.ts'

const SEED = 'shutdown'
const PATIENCE = 4
const SPARED_SHARE = 0.03
const ONE_OF_EACH = { gateway: 1, auth: 1, session: 1, activity: 1 }

async function startOne(t: Test) {
  const platform = await startPlatform(t, { topology: ONE_OF_EACH, random: createRandom(SEED), overrides: {} })
  const [gateway] = platform.gateways
  if (gateway === undefined) throw new Error('no gateway')
  return { platform, gateway, service: platform.service('gateway-1') }
}

const person = { name: 'somebody', password: 'correct horse battery staple', sessions: [] }

test('told to end, a gateway answers what it has begun, tells of the latest uses, and ends with 0', async (t) => {
  const { platform, gateway, service } = await startOne(t)
  const { session, answered } = await registerAccount(gateway, person)
  const token = session?.accessTokens[0] ?? ''
  const openedAt = JSON.parse(answered.text).session.lastSeenAt
  const whoAmI = () => gateway.ask({ method: 'GET', path: '/v1/sessions/current', token, deadlineMs: 5000 })
  await eventually(whoAmI, ({ status }) => status === 200)
  const heal = slow([platform.link('session-1:nats')], 300)
  const begun = gateway.ask({ method: 'GET', path: '/v1/sessions', token, deadlineMs: 5000 })
  await delay(50)
  t.equal(await service.stop(), 0)
  t.equal((await begun).status, 200, 'though its client has kept the connection')
  await heal()

  await service.start()
  const api = createApi(`http://127.0.0.1:${service.port}`)
  const seen = await eventually(
    () => api('GET', '/v1/sessions/current', { token, headers: { 'latchkey-background': '1' } }),
    ({ status, body }) => status === 200 && body.session.lastSeenAt > openedAt
  )
  t.ok(seen.body.session.lastSeenAt > openedAt, 'the use before the end is not lost')
})

test('told twice, a service that has to wait ends at once', async (t) => {
  const { platform, gateway, service } = await startOne(t)
  await platform.service('auth-1').kill()
  platform.service('session-1').pause()
  t.teardown(() => platform.service('session-1').resume())
  const { pid = 0 } = service
  void gateway.ask({ method: 'POST', path: '/v1/sessions/refresh', body: { refreshToken: 'x' }, deadlineMs: 5000 })
  await delay(50)
  const stopped = service.stop()
  await delay(50)
  process.kill(pid, 'SIGTERM')
  t.not(await stopped, 0)
})

test('restarting services in turn is noticed by nobody', async (t) => {
  const { findings } = await runScenario(t, halfOfRollingRestart, {
    random: createRandom(SEED),
    patience: PATIENCE,
    sparedShare: SPARED_SHARE
  })
  t.same(findings, [])
})
