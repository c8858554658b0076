import { readConfig } from '@latchkey/runtime/config'
import { test } from 'tap'
import { getRedisUrl, getVariables, variables } from '../src/config.ts'

const NATS_URL = 'nats://127.0.0.1:4222'

test('every variable at fault is named in one error', async (t) => {
  const read = () =>
    readConfig(variables, { USER_ACTIVITY_EXPIRATION: '-1', USER_BLOCKING: 'soon', TIMELINE_LENGTH: '0' })
  t.throws(read, {
    message: /^configuration: NATS_URL .*USER_ACTIVITY_EXPIRATION .*USER_BLOCKING .*TIMELINE_LENGTH [^\n]*$/
  })
})

test('inactivity blocking is off and lasts 15 minutes unless configured', async (t) => {
  const config = readConfig(variables, { NATS_URL })
  t.match(config, {
    USER_ACTIVITY_EXPIRATION: 0,
    USER_BLOCKING: 15,
    TIMELINE_LENGTH: 1000,
    TIMELINE_RETENTION: 7_776_000
  })
})

test('host and port of Redis serve where no URL is given', async (t) => {
  const parts = { NATS_URL, REDIS_HOST: '::1', REDIS_PORT: '6380' }
  t.equal(getRedisUrl(readConfig(variables, parts)), 'redis://[::1]:6380')
  const REDIS_URL = 'redis://a:1,redis://b:2'
  t.equal(getRedisUrl(readConfig(variables, { ...parts, REDIS_URL })), REDIS_URL)
})

test('production does not guess where Redis is', async (t) => {
  const environment = { NODE_ENV: 'production', NATS_URL }
  t.throws(() => readConfig(getVariables(environment), environment), { message: /REDIS_URL is missing/ })
  const named = { ...environment, REDIS_HOST: 'redis.internal' }
  t.doesNotThrow(() => readConfig(getVariables(named), named))
})
