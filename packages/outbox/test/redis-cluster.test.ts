import { startNats, startRedisCluster } from '@latchkey/testing/stores'
import { Cluster } from 'ioredis'
import { test } from 'tap'
import { createRedisOutboxRelay } from '../src/redis-outbox.ts'
import { collectStoredIds, createEvents, createMemoryLog, openTransport, until } from './scenario.ts'

test('a relay empties the shards of all nodes of a Redis Cluster', async (t) => {
  const [nats, { nodes }] = await Promise.all([startNats(t), startRedisCluster(t)])
  const redis = new Cluster([...nodes])
  t.teardown(() => redis.disconnect())
  const transport = openTransport(t, nats)
  const stored = collectStoredIds(t, transport)
  const keyOf = (shard: string) => `lk:t:{${shard}}:outbox`
  const events = createEvents(256)
  const appended = events.map((event, index) => {
    const shard = index.toString(16).padStart(2, '0')
    return redis.xadd(keyOf(shard), '*', 'event', JSON.stringify(event))
  })
  await Promise.all(appended)
  await redis.xadd(keyOf('00'), '*', 'event', 'not readable')

  const relay = createRedisOutboxRelay({ redis, keyOf, transport, log: createMemoryLog() })
  t.teardown(() => relay.stop())
  await until(() => stored.length >= events.length)
  t.same(
    stored.toSorted(),
    events.map(({ id }) => id)
  )
  await until(async () => (await redis.xlen(`${keyOf('00')}:dead`)) === 1)
})
