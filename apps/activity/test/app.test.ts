import { test } from 'tap'
import { call, createUserId, openScenario, outcomeOf, until } from './scenario.ts'

test('calls are answered "unavailable" while Redis hangs, and as before once it goes on', async (t) => {
  const { admit, client, server, app } = await openScenario(t)
  const userId = createUserId()
  await admit(userId)
  server.pause()
  t.equal(outcomeOf(await admit(userId)), 'unavailable')
  t.equal(outcomeOf(await client.getStatus({ userId }, call())), 'unavailable')
  const page = { userId, kind: null, limit: 10, cursor: null }
  t.equal(outcomeOf(await client.listTimeline(page, call())), 'unavailable')
  t.match((await app.inject('/readyz')).json(), { status: 'unavailable', checks: { redis: 'failing', nats: 'ok' } })
  t.equal((await app.inject('/healthz')).statusCode, 200)
  server.resume()
  await until(async () => (await admit(userId)).ok)
  await until(async () => (await app.inject('/readyz')).statusCode === 200)
})

test('calls are answered again after Redis was killed and has lost its scripts', async (t) => {
  const { admit, server } = await openScenario(t)
  const userId = createUserId()
  await admit(userId)
  await server.kill()
  await until(async () => outcomeOf(await admit(userId)) === 'unavailable')
  await server.restart()
  await until(async () => (await admit(userId)).ok)
})

test('calls are answered again after NATS was killed', async (t) => {
  const { admit, nats, app } = await openScenario(t)
  const userId = createUserId()
  await nats.kill()
  await until(async () => (await app.inject('/readyz')).statusCode === 503)
  await nats.restart()
  await until(async () => (await admit(userId)).ok)
  t.equal((await app.inject('/readyz')).statusCode, 200)
})

test('a Redis that may evict keys is not ready to be worked with', async (t) => {
  const { app, redis } = await openScenario(t)
  await redis.config('SET', 'maxmemory-policy', 'allkeys-lru')
  t.match((await app.inject('/readyz')).json(), { checks: { redis: 'failing' } })
})

test('a clock that is not that of Redis is noticed, and again when it is right', async (t) => {
  const { app } = await openScenario(t)
  const { now } = Date
  t.teardown(() => {
    Date.now = now
  })
  Date.now = () => now() - 3_600_000
  await until(async () => (await app.inject('/readyz')).json().checks.clock === 'failing')
  Date.now = now
  await until(async () => (await app.inject('/readyz')).statusCode === 200)
})

test('metrics count the calls', async (t) => {
  const { app, admit } = await openScenario(t)
  await admit(createUserId())
  t.match((await app.inject('/metrics')).payload, /latchkey_call_duration_seconds_count\{[^}]*activity\.admit/)
})

test('closing leaves the transport open and stops answering', async (t) => {
  const { app, admit, transport } = await openScenario(t)
  await app.close()
  t.equal(transport.state, 'connected')
  t.equal(outcomeOf(await admit(createUserId())), 'unavailable')
})

test('closing ends in order while Redis hangs', async (t) => {
  const { app, server } = await openScenario(t)
  server.pause()
  await app.close()
  server.resume()
  t.pass('closed')
})
