import { test } from 'tap'
import { type Environment, readConfig } from '../src/config.ts'
import { getProductionVariables } from '../src/service-config.ts'

const read = (environment: Environment) => readConfig(getProductionVariables(environment), environment)

test('production enters the bus by a password that nobody guesses', async (t) => {
  for (const password of ['', 'nats', 'changeme-changeme-now']) {
    const NATS_URL = `nats://auth:${password}@a:4222,nats://b:4222`
    t.throws(() => read({ NATS_URL }), { message: /^configuration: NATS_URL must be [^\n]* password of at least/ })
  }
  t.throws(() => read({ NATS_URL: 'nats://a:4222' }), /NATS_URL must be/)
  t.throws(() => read({}), /NATS_URL is missing/)
  const NATS_URL = 'nats://auth:9f8e7d6c5b4a@a:4222, nats://b:4222'
  t.same(read({ NATS_URL }), { NATS_URL })
})

test('a certificate may stand in for the password, and not for a better one', async (t) => {
  const certified = { NATS_TLS_CERT: '/tls/cert.pem' }
  const NATS_URL = 'tls://a:4222'
  t.same(read({ ...certified, NATS_URL }), { NATS_URL })
  t.throws(() => read({ NATS_TLS_CERT: '', NATS_URL }), /NATS_URL must be/)
  t.throws(() => read({ REDIS_TLS_CERT: '/tls/cert.pem', NATS_URL }), /NATS_URL must be/)
  t.throws(() => read({ ...certified, NATS_URL: 'tls://auth:nats@a:4222' }), /NATS_URL must be/)
})
