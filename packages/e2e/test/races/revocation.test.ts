import { type Test, test } from 'tap'
import { type Api, createApi } from '../../src/http.ts'
import { eventually, newEmail, register, signIn } from '../../src/people.ts'
import { startProcesses, startService } from '../../src/processes.ts'

interface Asked {
  readonly startedAt: number
  readonly status: number
}

/** Asks a gateway who the bearer is, again and again, until it is told to stop. */
function hammer(api: Api, token: string) {
  const asked: Asked[] = []
  let stopped = false
  const run = async () => {
    while (!stopped) {
      const startedAt = performance.now()
      const { status } = await api('GET', '/v1/sessions/current', { token })
      asked.push({ startedAt, status })
    }
  }
  const running = Promise.all([run(), run()])
  const count = () => asked.length
  const stop = async () => {
    stopped = true
    await running
    return asked
  }
  return { count, stop }
}

async function startTwoGateways(t: Test) {
  const processes = await startProcesses(t)
  const second = await startService(t, 'gateway', processes.environment)
  const api = createApi(second.url)
  await eventually(
    () => api('GET', '/readyz'),
    ({ body }) => body.verdicts === 'cached'
  )
  return { ...processes, second, gateways: [processes.api, api] as const }
}

async function openVictim(api: Api) {
  const email = newEmail()
  const victim = (await register(api, email)).body
  const actor = (await signIn(api, email)).body
  return { token: victim.accessToken, actor: actor.accessToken, path: `/v1/sessions/${victim.session.id}` }
}

test('once a revoke has answered, no gateway accepts a request of that session which began afterwards', async (t) => {
  const { gateways } = await startTwoGateways(t)
  for (let round = 0; round < 20; round += 1) {
    const { token, actor, path } = await openVictim(gateways[0])
    const hammers = gateways.map((api) => hammer(api, token))
    const askedOften = (times: number) => async () => Math.min(...hammers.map(({ count }) => count())) >= times
    await eventually(askedOften(10), (reached) => reached)

    const revoked = await (gateways[round % 2] ?? gateways[0])('DELETE', path, { token: actor })
    const answeredAt = performance.now()
    const countThen = Math.max(...hammers.map(({ count }) => count()))
    await eventually(askedOften(countThen + 10), (reached) => reached)
    const asked = (await Promise.all(hammers.map(({ stop }) => stop()))).flat()

    t.equal(revoked.status, 204)
    t.ok(asked.some(({ status }) => status === 200))
    t.same(
      asked.filter(({ startedAt, status }) => startedAt > answeredAt && status !== 401),
      []
    )
  }
})

test('a frozen gateway delays a revoke by its lease at most, and accepts nothing of it when it wakes', async (t) => {
  const { gateways, second } = await startTwoGateways(t)
  const { token, actor, path } = await openVictim(gateways[0])
  t.equal((await gateways[1]('GET', '/v1/sessions/current', { token })).status, 200)
  second.pause()
  t.equal((await gateways[0]('DELETE', path, { token: actor })).status, 204)
  const asked = Array.from({ length: 20 }, () => gateways[1]('GET', '/v1/sessions/current', { token }))
  second.resume()
  const statuses = (await Promise.all(asked)).map(({ status }) => status)
  t.notOk(statuses.includes(200), `answered ${[...new Set(statuses)]}`)
})
