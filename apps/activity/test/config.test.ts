import { type Environment, readConfig } from '@latchkey/runtime/config'
import { test } from 'tap'
import { getRedisUrl, getVariables, variables } from '../src/config.ts'

const NATS_URL = 'nats://activity:9f8e7d6c5b4a@127.0.0.1:4222'

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

test('production does not guess where Redis is, nor enters it by a password that can be guessed', async (t) => {
  const read = (given: Environment) => {
    const environment = { NODE_ENV: 'production', NATS_URL, ...given }
    return readConfig(getVariables(environment), environment)
  }
  t.throws(() => read({}), { message: /REDIS_URL is missing/ })
  t.throws(() => read({ REDIS_HOST: 'redis.internal' }), { message: /REDIS_URL is missing/ })
  for (const REDIS_URL of ['redis://a:1', 'redis://:latchkey@a:1', 'redis://a:1,redis://:4a5b6c7d8e9f@b:2']) {
    t.throws(() => read({ REDIS_URL }), { message: /^[^;]*REDIS_URL must be[^;]*$/ }, REDIS_URL)
    t.doesNotThrow(() => read({ REDIS_URL, NODE_ENV: 'development' }))
  }
  const REDIS_URL = 'redis://activity:4a5b6c7d8e9f@a:1,redis://b:2'
  t.equal(getRedisUrl(read({ REDIS_URL })), REDIS_URL)
  t.throws(() => read({ REDIS_URL, NATS_URL: 'nats://a:4222' }), { message: /NATS_URL must be/ })
})

test('production takes the host of Redis alone where a certificate says who we are', async (t) => {
  const folder = t.testdir({ 'cert.pem': '-----BEGIN CERTIFICATE-----' })
  const certificate = { REDIS_TLS_CERT: `${folder}/cert.pem` }
  const environment = { NODE_ENV: 'production', NATS_URL, REDIS_HOST: 'redis.internal', ...certificate }
  t.equal(getRedisUrl(readConfig(getVariables(environment), environment)), 'redis://redis.internal:6379')
  const weak = { ...environment, REDIS_URL: 'redis://:latchkey@a:1' }
  t.throws(() => readConfig(getVariables(weak), weak), { message: /REDIS_URL must be/ })
})
