import { test } from 'tap'
import {
  ConfigError,
  decimal,
  integer,
  list,
  oneOf,
  optional,
  port,
  productionPublicUrl,
  publicUrl,
  readConfig,
  seconds,
  text,
  unguessable,
  url,
  withSecretPassword
} from '../src/config.ts'

const variables = {
  GATEWAY_PORT: port(3000),
  NATS_URL: url(['nats', 'tls'], undefined, { several: true }),
  SECRET: text({ minLength: 8, what: 'at least 8 characters' }),
  TTL: seconds({ min: 2, max: 60 }, 10),
  RATIO: decimal({ min: 0, max: 1 }, 0.5),
  MODE: oneOf(['on', 'off'], 'off'),
  COUNT: optional(integer({ min: 1, max: 3 })),
  ORIGINS: list((item) => item.startsWith('https://'), 'origins')
}
const complete = { NATS_URL: 'nats://127.0.0.1:4222', SECRET: 'long enough' }

test('defaults stand in for what is unset or empty', async (t) => {
  const config = readConfig(variables, { ...complete, TTL: '' })
  t.match(config, { GATEWAY_PORT: 3000, TTL: 10, RATIO: 0.5, MODE: 'off', ORIGINS: [] })
  t.equal(config.COUNT, undefined)
})

test('given values win and are typed', async (t) => {
  const environment = {
    ...complete,
    GATEWAY_PORT: '0',
    RATIO: '0.25',
    MODE: 'on',
    COUNT: '3',
    ORIGINS: 'https://a, https://b'
  }
  t.match(readConfig(variables, environment), {
    GATEWAY_PORT: 0,
    RATIO: 0.25,
    MODE: 'on',
    COUNT: 3,
    ORIGINS: ['https://a', 'https://b']
  })
})

test('one error names every variable at fault, and no value', async (t) => {
  const wrong = { GATEWAY_PORT: '3000.5', SECRET: 'hunter2', TTL: '1e1', NATS_URL: 'http://x', ORIGINS: 'ftp://a' }
  try {
    readConfig(variables, wrong)
    t.fail('accepted')
  } catch (err) {
    t.type(err, ConfigError)
    const { message } = err as ConfigError
    for (const name of Object.keys(wrong)) t.match(message, name)
    t.notMatch(message, 'hunter2')
    t.notMatch(message, '\n')
  }
})

test('text that only looks like a number is refused', async (t) => {
  for (const given of ['', ' 3', '3 ', '+3', '-3', '0x3', '3e0', '3.0', '٣', 'NaN']) {
    const read = () => readConfig({ N: integer({ min: 0, max: 9 }) }, { N: given })
    t.throws(read, ConfigError, JSON.stringify(given))
  }
})

test('every server of a cluster has to be a URL', async (t) => {
  t.doesNotThrow(() => readConfig(variables, { ...complete, NATS_URL: 'nats://a:1, nats://b:2' }))
  t.throws(() => readConfig(variables, { ...complete, NATS_URL: 'nats://a:1,b:2' }), ConfigError)
})

test('a secret that examples are full of, or of few characters, is refused where it has to be a secret', async (t) => {
  const SECRET = unguessable(variables.SECRET)
  for (const given of ['aaaaaaaabbbbbbbb', 'change-me-change-me-0123', 'your_jwt_secret_12345', 'short']) {
    t.throws(() => readConfig({ SECRET }, { SECRET: given }), { message: /SECRET must be .* published nowhere/ })
  }
  t.same(readConfig({ SECRET }, { SECRET: 'q8Zk3Vw1xT7nB5mC' }), { SECRET: 'q8Zk3Vw1xT7nB5mC' })
})

test('production is reached by https, or on this machine alone', async (t) => {
  t.equal(readConfig({ PUBLIC_URL: publicUrl }, {}).PUBLIC_URL, 'http://127.0.0.1:3000')
  const accepts = (PUBLIC_URL: string) => productionPublicUrl.parse(PUBLIC_URL) === PUBLIC_URL
  for (const value of ['https://id.example.com', 'http://localhost:3000', 'http://[::1]:3000'])
    t.ok(accepts(value), value)
  for (const value of ['http://id.example.com', 'ftp://localhost', 'id.example.com']) t.notOk(accepts(value), value)
  t.throws(() => readConfig({ PUBLIC_URL: productionPublicUrl }, {}), /PUBLIC_URL is missing/)
})

test('a well-known password of a store is refused, a missing one where something stands in for it alone', (t) => {
  const one = withSecretPassword(url(['redis']))
  const several = withSecretPassword(url(['redis'], undefined, { several: true }), { several: true, mayLack: true })
  const good = 'redis://user:4a5b6c7d,8e9f@a:1'
  t.equal(one.parse(good), good)
  for (const password of ['', 'latchkey', 'Postgres', 'aaaaaaaaaaaa', 'abcabcabc']) {
    t.equal(one.parse(`redis://user:${password}@a:1`), undefined, password)
    if (password !== '') t.equal(several.parse(`redis://user:4a5b6c@a:1,redis://user:${password}@b:1`), undefined)
  }
  t.equal(several.parse('redis://a:1,redis://user:4a5b6c@b:1'), 'redis://a:1,redis://user:4a5b6c@b:1')
  t.end()
})
