import { Redis } from 'ioredis'
import { test } from 'tap'
import { startApp } from './start-app.ts'
import { until } from './until.ts'

test('a Redis that may evict sessions is not ready to be worked with, until it may no longer', async (t) => {
  const { app, redis } = await startApp(t)
  const operator = new Redis(redis.url)
  t.teardown(() => operator.disconnect())
  await operator.config('SET', 'maxmemory-policy', 'allkeys-lru')
  const answer = await app.inject('/readyz')
  t.equal(answer.statusCode, 503)
  t.match(answer.json(), { status: 'unavailable', checks: { redis: 'failing', store: 'ok', nats: 'ok' } })
  await operator.config('SET', 'maxmemory-policy', 'noeviction')
  await until(async () => (await app.inject('/readyz')).statusCode === 200)
})
