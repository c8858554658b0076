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

const weakPasswords = {
  missing: '',
  short: 'q8Zk3Vw1xT7',
  'a default of development': 'latchkey',
  published: 'changeme-q8Zk3Vw1xT7n',
  'published, however it is written': 'my%70assword-q8Zk3Vw1xT7n',
  'one letter over and over': 'a'.repeat(20),
  'one piece over and over': 'q8Zk3V'.repeat(3),
  unreadable: 'q8Zk3Vw1xT7nB5mC%'
}
const STRONG = 'q8Zk3Vw1xT7n'

test('a password that examples are full of, that is short or missing, is refused where it has to be a secret', async (t) => {
  const STORE_URL = withSecretPassword(url(['redis']))
  for (const [what, password] of Object.entries(weakPasswords)) {
    const read = () => readConfig({ STORE_URL }, { STORE_URL: `redis://user:${password}@a:1` })
    t.throws(read, { message: /^configuration: STORE_URL must be .* published nowhere$/ }, what)
  }
  t.throws(() => readConfig({ STORE_URL }, {}), { message: /STORE_URL is missing/ })
  for (const value of ['redis://a:1', 'redis://user@a:1', `http://user:${STRONG}@a:1`, 'nothing']) {
    t.equal(STORE_URL.parse(value), undefined, value)
  }
  for (const password of [STRONG, 'of,two-parts-0x7', 'with%20blanks%20in%20it']) {
    const value = `redis://user:${password}@a:1`
    t.equal(STORE_URL.parse(value), value)
  }
})

test('of several addresses the first has a password, and none has a weak one', async (t) => {
  const accepts = (value: string, rules = {}) =>
    withSecretPassword(url(['redis'], undefined, { several: true }), { several: true, ...rules }).parse(value) === value
  t.ok(accepts(`redis://:${STRONG}@a:1, redis://b:2`))
  t.ok(accepts(`redis://:${STRONG}@a:1,redis://:${STRONG}@b:2`))
  t.notOk(accepts(`redis://a:1,redis://:${STRONG}@b:2`))
  for (const password of Object.values(weakPasswords).filter((each) => each !== '')) {
    t.notOk(accepts(`redis://:${STRONG}@a:1,redis://:${password}@b:2`), password)
    t.notOk(accepts(`redis://:${password}@a:1`, { optional: true }), 'nor where it may be missing')
  }
  t.ok(accepts('redis://a:1,redis://b:2', { optional: true }))
})

test('production is reached by https, or on this machine alone', async (t) => {
  t.equal(readConfig({ PUBLIC_URL: publicUrl }, {}).PUBLIC_URL, 'http://127.0.0.1:3000')
  const accepts = (PUBLIC_URL: string) => productionPublicUrl.parse(PUBLIC_URL) === PUBLIC_URL
  for (const value of ['https://id.example.com', 'http://localhost:3000', 'http://[::1]:3000'])
    t.ok(accepts(value), value)
  for (const value of ['http://id.example.com', 'ftp://localhost', 'id.example.com']) t.notOk(accepts(value), value)
  t.throws(() => readConfig({ PUBLIC_URL: productionPublicUrl }, {}), /PUBLIC_URL is missing/)
})
