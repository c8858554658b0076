import { startRedis } from '@latchkey/testing/stores'
import Fastify from 'fastify'
import { test } from 'tap'
import { openRedis } from '../src/client.ts'
import { redis } from '../src/plugin.ts'
import { createLog, hear } from './scenario.ts'

test('an app starts while its Redis is away, and closes the client with itself', async (t) => {
  const server = await startRedis(t)
  await server.kill()
  const client = openRedis({ url: server.url, commandTimeoutMs: 100, log: createLog() })
  const app = Fastify()
  await app.register(redis, { client })
  await app.ready()
  await t.rejects(app.redis.ping())
  const hasEnded = hear(client, 'end')
  await app.close()
  await t.resolves(hasEnded)
})
