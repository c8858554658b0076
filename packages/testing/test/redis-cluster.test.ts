import { Cluster } from 'ioredis'
import { test } from 'tap'
import { startRedisCluster } from '../src/stores.ts'

test('a Redis Cluster of a test serves every slot from three masters', async (t) => {
  const { nodes } = await startRedisCluster(t)
  const cluster = new Cluster([...nodes])
  t.teardown(() => cluster.disconnect())

  const keys = Array.from({ length: 30 }, (_, index) => `key-${index}`)
  await Promise.all(keys.map((key) => cluster.set(key, key)))
  t.same(await Promise.all(keys.map((key) => cluster.get(key))), keys)
  t.equal(cluster.nodes('master').length, 3)
})
