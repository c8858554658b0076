import { randomInt } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { type Test, test } from 'tap'
import { Link } from '../../src/history/link.ts'
import { createRandom } from '../../src/history/random.ts'
import { type Api, createApi } from '../../src/http.ts'
import { eventually, newEmail, register, signIn } from '../../src/people.ts'
import { startProcesses, startService } from '../../src/processes.ts'
import { startStack } from '../../src/stack.ts'

const whoAmI = (api: Api, token: string) => api('GET', '/v1/sessions/current', { token })
const refresh = (api: Api, refreshToken: string) => api('POST', '/v1/sessions/refresh', { body: { refreshToken } })

/** Asks again and again until told to stop; what began after `since` is what counts. */
function keepAsking(api: Api, token: string, loops: number) {
  const asked: { startedAt: number; status: number }[] = []
  let stopped = false
  const loop = async () => {
    while (!stopped) {
      const startedAt = performance.now()
      const { status } = await whoAmI(api, token).catch(() => ({ status: 0 }))
      asked.push({ startedAt, status })
    }
  }
  const running = Promise.all(Array.from({ length: loops }, loop))
  return {
    asked,
    acceptedSince: (since: number) => asked.filter(({ startedAt, status }) => startedAt > since && status === 200),
    stop: async () => {
      stopped = true
      await running
    }
  }
}

test('eight loops of look-ups keep nothing alive that signs out meanwhile', async (t) => {
  const { api } = await startStack(t)
  const { accessToken: token, refreshToken } = (await register(api)).body
  const { asked, acceptedSince, stop } = keepAsking(api, token, 8)
  await eventually(
    async () => asked.length > 50,
    (enough) => enough
  )
  t.equal((await api('DELETE', '/v1/sessions/current', { token })).status, 204)
  const answeredAt = performance.now()
  t.match(await refresh(api, refreshToken), { status: 401, body: { code: 'session_ended' } })
  const count = asked.length
  await eventually(
    async () => asked.length > count + 50,
    (enough) => enough
  )
  await stop()
  t.same(acceptedSince(answeredAt), [])
})

const ROUNDS = 60
/** A refresh has more ways to go than an end: begun so much sooner or later, either may be the first at the store. */
const LEAD_MS = [-2, 10] as const

/** Two calls, the second begun so long after the first, or before it where that is less than nothing. */
async function race<A, B>(first: () => Promise<A>, second: () => Promise<B>, leadMs: number): Promise<[A, B]> {
  const begin = async <T>(call: () => Promise<T>, afterMs: number) => {
    if (afterMs > 0) await delay(afterMs)
    return await call()
  }
  return await Promise.all([begin(first, -leadMs), begin(second, leadMs)])
}

test('what a refresh brought while its session was being ended is dead with it', async (t) => {
  const { api } = await startStack(t)
  const seed = String(randomInt(1, 2 ** 31))
  t.comment(`seed ${seed}`)
  const random = createRandom(seed)
  const email = newEmail()
  const { accessToken: token } = (await register(api, email)).body
  const count = { live: 0, refused: 0 }
  for (let round = 0; round < ROUNDS; round += 1) {
    const victim = (await signIn(api, email)).body
    const [{ status, body }, ended] = await race(
      () => refresh(api, victim.refreshToken),
      () => api('DELETE', `/v1/sessions/${victim.session.id}`, { token }),
      random.between(...LEAD_MS)
    )
    t.equal(ended.status, 204)
    t.equal((await refresh(api, victim.refreshToken)).body.code, 'session_ended')
    if (status === 200) {
      count.live += 1
      t.equal((await whoAmI(api, body.accessToken)).body.code, 'session_ended')
      t.equal((await refresh(api, body.refreshToken)).body.code, 'session_ended')
    } else {
      count.refused += 1
      t.match(body, { status: 401, code: 'session_ended' })
    }
  }
  t.ok(count.live > 0 && count.refused > 0, `refreshed before the end: ${count.live}, after it: ${count.refused}`)
})

/** Two gateways; the second reaches NATS over a link. */
async function startBehindLink(t: Test) {
  const processes = await startProcesses(t)
  const link = new Link({ name: 'nats', target: processes.nats.port, isNats: true, random: createRandom('nats') })
  await link.open()
  t.teardown(() => link.close())
  const environment = { ...processes.environment, NATS_URL: `nats://127.0.0.1:${link.port}` }
  const second = createApi((await startService(t, 'gateway', environment)).url)
  const isLive = () =>
    eventually(
      () => second('GET', '/readyz'),
      ({ body }) => body.verdicts === 'cached'
    )
  return { first: processes.api, second, link, isLive }
}

test('a revoke at the moment of a reconnect is missed by nobody', async (t) => {
  const { first, second, link, isLive } = await startBehindLink(t)
  for (let round = 0; round < 10; round += 1) {
    await isLive()
    const email = newEmail()
    const victim = (await register(first, email)).body
    const actor = (await signIn(first, email)).body.accessToken
    const { asked, acceptedSince, stop } = keepAsking(second, victim.accessToken, 4)
    await eventually(
      async () => asked.some(({ status }) => status === 200),
      (accepted) => accepted
    )
    link.cut()
    // A client of NATS is back within 100 to 200 ms.
    await delay(round * 20)
    const revoked = await first('DELETE', `/v1/sessions/${victim.session.id}`, { token: actor })
    const answeredAt = performance.now()
    t.equal(revoked.status, 204)
    await eventually(
      async () => asked.some((each) => each.startedAt > answeredAt && each.status === 401),
      (seen) => seen
    )
    await stop()
    t.same(acceptedSince(answeredAt), [])
  }
})
