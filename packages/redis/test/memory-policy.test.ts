import { startRedis, startRedisCluster } from '@latchkey/testing/stores'
import { test } from 'tap'
import { checkMemoryPolicy } from '../src/memory-policy.ts'
import { connect, open } from './scenario.ts'

test('a server that may evict is refused by the name of its policy, until it may no longer', async (t) => {
  const { url } = await startRedis(t)
  const redis = await connect(t, url)
  await checkMemoryPolicy(redis)
  for (const policy of ['allkeys-lru', 'volatile-ttl']) {
    await redis.config('SET', 'maxmemory-policy', policy)
    await t.rejects(checkMemoryPolicy(redis), { message: `maxmemory-policy is ${policy}` })
  }
  await redis.config('SET', 'maxmemory-policy', 'noeviction')
  await checkMemoryPolicy(redis)
})

test('a server that does not answer is refused', async (t) => {
  const server = await startRedis(t)
  const redis = await connect(t, server.url)
  await server.kill()
  await t.rejects(checkMemoryPolicy(redis), { message: 'Redis does not answer' })
})

test('of a cluster each primary counts, but for one that is away', async (t) => {
  const { nodes, servers } = await startRedisCluster(t)
  const redis = await connect(t, nodes.map(({ port }) => `redis://127.0.0.1:${port}`).join(','))
  await checkMemoryPolicy(redis)
  const [first, last] = [servers[0], servers[2]]
  const direct = await connect(t, last?.url ?? '')
  await direct.config('SET', 'maxmemory-policy', 'allkeys-random')
  for (const _ of [1, 2, 3])
    await t.rejects(checkMemoryPolicy(redis), { message: 'maxmemory-policy is allkeys-random' })
  await direct.config('SET', 'maxmemory-policy', 'noeviction')
  await first?.kill()
  await checkMemoryPolicy(redis)
  await Promise.all(servers.map((server) => server.kill()))
  await t.rejects(checkMemoryPolicy(redis), { message: 'Redis does not answer' })
})

test('asking does not keep a cluster from being connected', async (t) => {
  const { nodes } = await startRedisCluster(t)
  const redis = open(t, nodes.map(({ port }) => `redis://127.0.0.1:${port}`).join(','))
  let begunAnew = 0
  redis.on('reconnecting', () => {
    begunAnew += 1
  })
  const isAnswered = () =>
    checkMemoryPolicy(redis).then(
      () => true,
      () => false
    )
  while (!(await isAnswered())) await new Promise(setImmediate)
  t.equal(begunAnew, 0)
})
