import { Redis } from 'ioredis'
import { connect as connectNats } from 'nats'
import { Client } from 'pg'
import { test } from 'tap'
import { createDatabase, createPreparedDatabase, startNats, startRedis } from '../src/stores.ts'

test('a Redis of a test keeps its data over a crash and a restart', async (t) => {
  const server = await startRedis(t, { args: ['--appendfsync', 'always'] })
  const redis = new Redis(server.url)
  redis.on('error', () => undefined)
  t.teardown(() => redis.disconnect())
  await redis.set('greeting', 'hello')

  await server.kill()
  await server.restart()
  t.equal(await redis.get('greeting'), 'hello')
})

test('a paused Redis holds its connections and answers after it is resumed', async (t) => {
  const server = await startRedis(t, { args: ['--maxmemory', '32mb'] })
  const redis = new Redis(server.url)
  t.teardown(() => redis.disconnect())
  t.equal((await redis.config('GET', 'maxmemory')).toString(), 'maxmemory,33554432')

  server.pause()
  const reply = redis.ping()
  server.resume()
  t.equal(await reply, 'PONG')
})

test('a NATS of a test has JetStream and comes back on the same port', async (t) => {
  const server = await startNats(t)
  const connection = await connectNats({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 20 })
  t.teardown(() => connection.close())
  const manager = await connection.jetstreamManager()
  await manager.streams.add({ name: 'events', subjects: ['event.>'] })

  await server.kill()
  await server.restart()
  const again = await connectNats({ servers: server.url })
  t.teardown(() => again.close())
  t.equal((await (await again.jetstreamManager()).streams.info('events')).config.name, 'events')
})

test('each database of a test is empty and its own', async (t) => {
  const first = await createDatabase(t)
  const second = await createDatabase(t)
  t.not(first.url, second.url)
  const client = new Client({ connectionString: second.url })
  await client.connect()
  t.teardown(() => client.end())
  const { rows } = await client.query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
  t.same(rows, [])
})

test('what is the same for many tests is prepared once, and each has its own of it', async (t) => {
  const asked: string[] = []
  const query = async (url: string, text: string) => {
    const client = new Client({ connectionString: url })
    await client.connect()
    const { rows } = await client.query(text)
    await client.end()
    return rows
  }
  const prepare = async (url: string) => {
    asked.push(url)
    await query(url, 'CREATE TABLE fruits AS SELECT 1 AS number')
  }
  const copies = await Promise.all([1, 2, 3].map(() => createPreparedDatabase(t, prepare)))
  t.equal(asked.length, 1)
  t.equal(new Set([...asked, ...copies.map(({ url }) => url)]).size, 4)
  for (const { url } of copies) {
    t.same(await query(url, 'UPDATE fruits SET number = number + 1 RETURNING number'), [{ number: 2 }])
  }
})
