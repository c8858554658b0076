import { startRedisCluster } from '@latchkey/testing/stores'
import { test } from 'tap'
import { testSessionStore } from './suites/suite.ts'

test('sessions in a Redis Cluster', async (t) => {
  const { nodes } = await startRedisCluster(t)
  await testSessionStore(t, nodes.map(({ host, port }) => `redis://${host}:${port}`).join(','))
})
