import { readConfig } from '@latchkey/runtime/config'
import t from 'tap'
import { variablesOf } from '../src/config.ts'

const read = (environment: Record<string, string>) => readConfig(variablesOf(environment), environment)
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
