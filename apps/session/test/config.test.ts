import { ConfigError, type Environment, readConfig } from '@latchkey/runtime/config'
import { test } from 'tap'
import { type Config, getVariables } from '../src/config.ts'

const required = {
  NATS_URL: 'nats://127.0.0.1:4222',
  REDIS_URL: 'redis://127.0.0.1:6379',
  SIGNING_KEYS_DIR: 'keys',
  REFRESH_SECRET: 'q8Zk3Vw1xT7nB5mC9rL2pJ6hG4fD0sAy'
}
const read = (environment: Environment): Config => readConfig(getVariables(environment), environment)

test('defaults are those of the documentation', async (t) => {
  t.match(read(required), {
    TOKEN_ALG: 'RS256',
    ACCESS_TOKEN_TTL: 600,
    SESSION_IDLE_TTL: 604_800,
    SESSION_TTL: 2_592_000,
    SESSION_POLICY: { kind: 'unlimited' },
    REFRESH_GRACE: 10,
    SESSION_RETENTION: 2_592_000,
    SESSION_HISTORY: 50,
    VERDICT_LEASE: 2000
  })
})

test('every variable at fault is named in one line, and no value', async (t) => {
  const environment = { ...required, REFRESH_SECRET: 'short', SESSION_POLICY: 'limit:0:deny', ACCESS_TOKEN_TTL: '901' }
  try {
    read({ ...environment, REDIS_URL: '', NATS_URL: '' })
    t.fail('the configuration was accepted')
  } catch (err) {
    const message = err instanceof ConfigError ? err.message : ''
    const names = ['REFRESH_SECRET', 'SESSION_POLICY', 'ACCESS_TOKEN_TTL', 'REDIS_URL', 'NATS_URL']
    t.ok(names.every((name) => message.includes(name)))
    t.notMatch(message, /\n|short|limit:0|901 /)
  }
})

test('each policy is read', async (t) => {
  const policies = ['single', 'limit:3:evict_oldest', 'limit:12:deny'].map((SESSION_POLICY) => {
    return read({ ...required, SESSION_POLICY }).SESSION_POLICY
  })
  t.same(policies, [
    { kind: 'single' },
    { kind: 'limit', limit: 3, overflow: 'evict_oldest' },
    { kind: 'limit', limit: 12, overflow: 'deny' }
  ])
})

test('a policy that is none is refused', async (t) => {
  for (const SESSION_POLICY of [
    'limit',
    'limit:3',
    'limit:-1:deny',
    'limit:3:',
    'limit:3:deny ',
    'Single',
    'limit:1001:deny'
  ]) {
    t.throws(() => read({ ...required, SESSION_POLICY }), ConfigError)
  }
})

test('host and port may stand for the URL of Redis', async (t) => {
  const { REDIS_URL, ...rest } = required
  t.equal(read({ ...rest, REDIS_HOST: 'cache', REDIS_PORT: '6380' }).REDIS_URL, 'redis://cache:6380')
  t.equal(read({ ...rest, REDIS_HOST: '::1' }).REDIS_URL, 'redis://[::1]:6379')
  t.equal(read({ ...required, REDIS_HOST: 'cache' }).REDIS_URL, REDIS_URL)
})

test('production refuses a secret that can be guessed', async (t) => {
  for (const REFRESH_SECRET of [
    'a'.repeat(40),
    'changeme-changeme-changeme-changeme',
    'your_jwt_secret_your_jwt_secret_12345'
  ]) {
    t.throws(() => read({ ...required, REFRESH_SECRET, NODE_ENV: 'production' }), /REFRESH_SECRET/)
    t.doesNotThrow(() => read({ ...required, REFRESH_SECRET }))
  }
  t.doesNotThrow(() => read({ ...required, NODE_ENV: 'production' }))
})
