import { startRedis, startRedisCluster } from '@latchkey/testing/stores'
import { test } from 'tap'
import { connect, createLog, hear, open } from './scenario.ts'

test('a command while nobody answers fails at once, and the client connects by itself as soon as somebody does', async (t) => {
  const server = await startRedis(t)
  await server.kill()
  const log = createLog()
  const redis = open(t, server.url, { log })
  await t.rejects(redis.get('x'))
  const isReady = hear(redis, 'ready')
  await server.restart()
  await isReady
  t.equal(await redis.set('x', '1'), 'OK')
})

test('a server that hangs costs the time limit, and what was sent is not sent again', async (t) => {
  const server = await startRedis(t)
  const redis = await connect(t, server.url, { commandTimeoutMs: 100 })
  server.pause()
  await t.rejects(redis.incr('count'), /Command timed out/)
  server.resume()
  const witness = await connect(t, server.url)
  t.ok(Number(await witness.get('count')) <= 1)
})

test('each reason why there is no connection is told of once', async (t) => {
  const server = await startRedis(t)
  await server.kill()
  const log = createLog()
  const redis = open(t, server.url, { log })
  for (const _ of [1, 2, 3]) await hear(redis, 'reconnecting')
  t.same(log.lines, ['no connection to Redis'])
})

test('several nodes of a cluster are one client, with the user of the first', async (t) => {
  const { nodes } = await startRedisCluster(t)
  const redis = await connect(t, nodes.map(({ port }) => `redis://default:any@127.0.0.1:${port}`).join(', '))
  await Promise.all(['a', 'b', 'c', 'd'].map((key) => redis.set(key, key)))
  t.same(await Promise.all(['a', 'b', 'c', 'd'].map((key) => redis.get(key))), ['a', 'b', 'c', 'd'])
})
