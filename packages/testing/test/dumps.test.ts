import { Redis } from 'ioredis'
import { test } from 'tap'
import { dumpPostgres, dumpRedis, runSql } from '../src/dumps.ts'
import { createDatabase, startRedis } from '../src/stores.ts'

test('a dump of a database holds every row of every table', async (t) => {
  const { url } = await createDatabase(t)
  await runSql(url, "create table one (name text); insert into one values ('first'); create table two (bytes bytea)")
  t.same(await runSql(url, 'select name from one'), [{ name: 'first' }])
  t.match(await dumpPostgres(url), 'first')
})

test('a dump of Redis holds every key with what is in it, whatever its kind', async (t) => {
  const { url } = await startRedis(t)
  const redis = new Redis(url)
  await redis.set('text', 'a-value')
  await redis.hset('hash', 'field', Buffer.from([0xe9]))
  await redis.zadd('sorted', 1, 'a-member')
  await redis.sadd('set', 'an-element')
  await redis.rpush('list', 'an-item')
  await redis.xadd('stream', '*', 'event', 'an-entry')
  redis.disconnect()
  const lines = (await dumpRedis(url)).split('\n').toSorted()
  t.match(lines, [
    'hash field é',
    'list an-item',
    'set an-element',
    'sorted a-member',
    /^stream .*an-entry/,
    'text a-value'
  ])
})
