import { readConfig } from '@latchkey/runtime/config'
import t from 'tap'
import { getVariables } from '../src/config.ts'

const read = (environment: Record<string, string>) => readConfig(getVariables(environment), environment)
const NATS_URL = 'nats://127.0.0.1:4222'

t.test('one line names every variable at fault, and none of the values', async (t) => {
  const attempt = () =>
    read({ GATEWAY_PORT: '70000', TRUSTED_PROXIES: '10.0.0.0/64', ALLOWED_ORIGINS: 'secret.example/' })
  t.throws(attempt, /NATS_URL.*GATEWAY_PORT.*TRUSTED_PROXIES.*ALLOWED_ORIGINS/)
  t.throws(attempt, { message: /^[^\n]+$/ })
  try {
    attempt()
  } catch (err) {
    t.notMatch(String(err), /70000|secret\.example/)
  }
})

t.test('little has to be said in development', async (t) => {
  t.match(read({ NATS_URL }), { GATEWAY_PORT: 3000, PUBLIC_URL: 'http://127.0.0.1:3000', ACCESS_TOKEN_TTL: 600 })
})

t.test('production names its public address, and not one that sends cookies in the clear', async (t) => {
  const base = { NODE_ENV: 'production', NATS_URL }
  t.throws(() => read(base), /PUBLIC_URL is missing/)
  t.throws(() => read({ ...base, PUBLIC_URL: 'http://id.example.com' }), /PUBLIC_URL must be/)
  t.equal(read({ ...base, PUBLIC_URL: 'https://id.example.com' }).PUBLIC_URL, 'https://id.example.com')
  t.equal(read({ ...base, PUBLIC_URL: 'http://127.0.0.1:3000' }).PUBLIC_URL, 'http://127.0.0.1:3000')
})

t.test('lists are lists of what they say', async (t) => {
  const good = read({
    NATS_URL,
    TRUSTED_PROXIES: '10.0.0.0/8, ::1',
    ALLOWED_ORIGINS: 'https://a.example, http://b.example:8080'
  })
  t.same(good.TRUSTED_PROXIES, ['10.0.0.0/8', '::1'])
  t.same(good.ALLOWED_ORIGINS, ['https://a.example', 'http://b.example:8080'])
  for (const ALLOWED_ORIGINS of ['*', 'null', 'https://a.example/', 'https://a.example/x', 'a.example']) {
    t.throws(() => read({ NATS_URL, ALLOWED_ORIGINS }), /ALLOWED_ORIGINS/)
  }
  for (const TRUSTED_PROXIES of ['true', '1', '10.0.0.0/33', '10.0.0/8', '10.0.0.0/8/9']) {
    t.throws(() => read({ NATS_URL, TRUSTED_PROXIES }), /TRUSTED_PROXIES/)
  }
})

t.test('the older interfaces are all served, none of them in production, or those that are named', async (t) => {
  const production = { NODE_ENV: 'production', NATS_URL, PUBLIC_URL: 'https://id.example.com' }
  const all = ['activity', 'device-sessions', 'users', 'split-token', 'credentials']
  t.same(read({ NATS_URL }).DIALECTS, all)
  t.same(read(production).DIALECTS, [])
  t.same(read({ NATS_URL, DIALECTS: 'all' }).DIALECTS, all)
  t.same(read({ NATS_URL, DIALECTS: 'none' }).DIALECTS, [])
  t.same(read({ ...production, DIALECTS: 'users, activity,users' }).DIALECTS, ['activity', 'users'])
  for (const DIALECTS of ['nonsense', 'users,nonsense', 'all,users', 'users,', 'Users', '*']) {
    t.throws(() => read({ NATS_URL, DIALECTS }), /^.*DIALECTS must be all, none or some of activity/)
  }
})

t.test('production serves trusted servers only by a key that nobody guesses', async (t) => {
  const production = { NODE_ENV: 'production', NATS_URL, PUBLIC_URL: 'https://id.example.com' }
  const SERVICE_KEY = 'only-for-tests-0123456789abcdef0123456789'
  for (const DIALECTS of ['all', 'users,device-sessions']) {
    t.throws(() => read({ ...production, DIALECTS }), /SERVICE_KEY is missing/)
    t.throws(() => read({ ...production, DIALECTS, SERVICE_KEY: 'changeme' }), /SERVICE_KEY must be/)
    t.equal(read({ ...production, DIALECTS, SERVICE_KEY }).SERVICE_KEY, SERVICE_KEY)
    t.equal(read({ NATS_URL, DIALECTS }).SERVICE_KEY, undefined)
  }
  t.equal(read({ ...production, DIALECTS: 'users' }).SERVICE_KEY, undefined)
})
