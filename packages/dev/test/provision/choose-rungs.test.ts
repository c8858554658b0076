import { test } from 'tap'
import { readGivenUrls } from '../../src/provision/choose-rungs.ts'

test('Redis may be named by host and port', (t) => {
  t.equal(readGivenUrls({ REDIS_HOST: 'cache', REDIS_PORT: '6380' }).redis, 'redis://cache:6380')
  t.equal(readGivenUrls({ REDIS_HOST: 'cache' }).redis, 'redis://cache:6379')
  t.equal(readGivenUrls({ REDIS_HOST: 'cache', REDIS_URL: 'redis://other' }).redis, 'redis://other')
  t.end()
})

test('empty addresses are no addresses', (t) => {
  t.same(readGivenUrls({ DATABASE_URL: '', REDIS_URL: '', NATS_URL: '' }), {
    postgres: undefined,
    redis: undefined,
    nats: undefined
  })
  t.end()
})
