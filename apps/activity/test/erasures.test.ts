import { ensureEventStream, storeEvent } from '@latchkey/messaging/events'
import { listen } from '@latchkey/messaging/listen'
import { createLogger } from '@latchkey/runtime/logger'
import { test } from 'tap'
import { call, createEvent, createUserId, openScenario, outcomeOf, until } from './scenario.ts'

type Scenario = Awaited<ReturnType<typeof openScenario>>

/** Keys of the user, and whatever in the outbox or in a value names them. */
async function listTraces({ redis }: Scenario, userId: string): Promise<string[]> {
  const keys = await redis.keys('lk:a:*')
  const values = {
    outbox: await redis.xrange(`lk:a:{${userId.slice(-2)}}:outbox`, '-', '+'),
    index: await redis.hvals('lk:a:{events}:entries')
  }
  const naming = Object.entries(values).filter(([, value]) => JSON.stringify(value).includes(userId))
  return [...keys.filter((key) => key.includes(userId)), ...naming.map(([name]) => name)]
}

/** The users that the events in the stream are about, in order, up to one stored now. */
async function readStream({ transport }: Scenario, t: Parameters<typeof openScenario>[0]): Promise<string[]> {
  const last = createUserId()
  const users: string[] = []
  const log = createLogger({ service: 'reader', level: 'silent' })
  const admit = async (event: { userId: string }) => users.push(event.userId) > 0
  const subscription = listen({}, { transport, durable: `reader-${last}`, admit, log })
  t.teardown(() => subscription.drain())
  await storeEvent(transport, createEvent('passwordChanged', last, {}))
  await until(() => users.includes(last))
  return users.slice(0, -1)
}

async function countTimeline({ client }: Scenario, userId: string): Promise<number> {
  const page = await client.listTimeline({ userId, kind: null, limit: 100, cursor: null }, call())
  if (!page.ok) throw new Error(page.code)
  return page.value.items.length
}

async function tellOf(scenario: Scenario, userId: string, count: number): Promise<void> {
  await ensureEventStream(scenario.transport)
  for (let n = 0; n < count; n += 1) await storeEvent(scenario.transport, createEvent('passwordChanged', userId, {}))
}

test('of an erased user nothing is left, in the store nor in the stream', async (t) => {
  const scenario = await openScenario(t)
  const { client, admit } = scenario
  const [userId, other] = [createUserId(), createUserId()]
  await admit(userId)
  await tellOf(scenario, userId, 40)
  await tellOf(scenario, other, 1)
  await until(async () => (await countTimeline(scenario, other)) === 1)
  t.equal(await countTimeline(scenario, userId), 40)

  t.equal(outcomeOf(await client.erase({ userId }, call(10_000))), 'ok')
  t.same(await listTraces(scenario, userId), [])
  t.same(await readStream(scenario, t), [other])
  t.equal(await countTimeline(scenario, other), 1)
  t.equal(outcomeOf(await client.erase({ userId }, call())), 'ok', 'and again')
})

test('what arrives about an erased user is dropped, and taken out of the stream', async (t) => {
  const scenario = await openScenario(t)
  const { client, admit, transport } = scenario
  const [userId, other] = [createUserId(), createUserId()]
  await client.erase({ userId }, call())
  t.equal(outcomeOf(await admit(userId)), 'ok')
  t.equal(outcomeOf(await admit(userId, 'sign_in')), 'ok')
  const touches = { touches: [{ sessionId: 'any', userId, ageMs: 0 }] }
  transport.publish('verdict.touched', { data: new TextEncoder().encode(JSON.stringify(touches)), headers: {} })
  await tellOf(scenario, userId, 3)
  await tellOf(scenario, other, 1)
  await until(async () => (await countTimeline(scenario, other)) === 1)
  t.equal(await countTimeline(scenario, userId), 0)
  t.same(await listTraces(scenario, userId), [])
  t.same(await readStream(scenario, t), [other])
})

test('an event that the stream has lost is no obstacle to an erasure', async (t) => {
  const scenario = await openScenario(t)
  const { client, redis } = scenario
  const userId = createUserId()
  await redis.zadd(`lk:a:{${userId.slice(-2)}}:m:${userId}`, 1, '7')
  t.equal(outcomeOf(await client.erase({ userId }, call(10_000))), 'ok')
  t.same(await listTraces(scenario, userId), [])
})

test('without Redis an erasure has not been done', async (t) => {
  const { client, server } = await openScenario(t)
  await server.kill()
  await until(async () => outcomeOf(await client.erase({ userId: createUserId() }, call())) === 'unavailable')
  await server.restart()
  await until(async () => outcomeOf(await client.erase({ userId: createUserId() }, call())) === 'ok')
})

test('events that race an erasure leave nothing', async (t) => {
  const scenario = await openScenario(t)
  const { client, admit } = scenario
  const [userId, other] = [createUserId(), createUserId()]
  await tellOf(scenario, userId, 5)
  const racing = Array.from({ length: 20 }, () => [tellOf(scenario, userId, 2), admit(userId)])
  const erased = client.erase({ userId }, call(10_000))
  await Promise.all(racing.flat())
  t.equal(outcomeOf(await erased), 'ok')
  await tellOf(scenario, other, 1)
  await until(async () => (await countTimeline(scenario, other)) === 1)
  t.same(await listTraces(scenario, userId), [])
  t.same(await readStream(scenario, t), [other])
})
