import { startNats } from '@latchkey/testing/stores'
import { t } from 'tap'
import { startGateway } from '../gateway.ts'

const nats = await startNats(t)
const environment = { RATE_LIMIT_CREDENTIALS: '3', RATE_LIMIT_REQUESTS: '2', TRUSTED_PROXIES: '127.0.0.1' }
const { app, bearer } = await startGateway(t, { natsUrl: nats.url, environment })

const credentials = { identifier: 'ada', password: 'p' }
const from = (address: string) => ({ 'x-forwarded-for': address })
const signIn = (address: string) =>
  app.inject({ method: 'POST', url: '/v1/sessions', payload: credentials, headers: from(address) })

t.test('requests over the limit are refused with a problem document, and nobody else is', async (t) => {
  for (let i = 0; i < 3; i += 1) t.equal((await signIn('192.0.2.1')).statusCode, 201)
  const refused = await signIn('192.0.2.1')
  t.match(refused.json(), { status: 429, code: 'too_many_attempts' })
  t.match(refused.headers['content-type'], /^application\/problem\+json/)
  t.match(refused.headers['retry-after'], /^[1-9]\d*$/)
  t.notOk(Object.keys(refused.headers).some((name) => name.includes('ratelimit')))
  t.equal((await signIn('192.0.2.2')).statusCode, 201)
})

t.test('ways to write an address, and the addresses of one customer, are one source', async (t) => {
  for (let i = 0; i < 3; i += 1) await signIn(`2001:db8::${i}`)
  t.equal((await signIn('2001:0db8:0:0:ffff::1')).statusCode, 429)
  t.equal((await signIn('::ffff:192.0.2.1')).statusCode, 429)
})

t.test('what is no address makes no new source', async (t) => {
  for (let i = 0; i < 3; i += 1) await signIn(`made up ${i}`)
  t.equal((await signIn('another')).statusCode, 429)
})

t.test('each limit is one for all its routes', async (t) => {
  const headers = from('203.0.113.1')
  const payload = { email: 'ada@example.com' }
  const calls = [
    { method: 'POST', url: '/v1/users', payload: { ...payload, password: 'p' } },
    { method: 'POST', url: '/v1/password-resets', payload },
    { method: 'PUT', url: '/v1/password-resets/t', payload: { newPassword: 'p' } },
    { method: 'PUT', url: '/v1/me/password', payload: { currentPassword: 'a', newPassword: 'b' } }
  ] as const
  const statuses: number[] = []
  for (const call of calls) {
    statuses.push((await app.inject({ ...call, headers: { ...headers, ...bearer } })).statusCode)
  }
  t.same(statuses, [201, 202, 204, 429])
})

for (const [name, url, address] of [
  ['the list of sessions', '/v1/sessions', '203.0.113.2'],
  ['addresses where nothing is', '/wp-admin/setup.php', '203.0.113.3']
] as const) {
  t.test(`${name} cannot be asked for without end`, async (t) => {
    const headers = { ...from(address), ...bearer }
    for (let i = 0; i < 2; i += 1) t.not((await app.inject({ url, headers })).statusCode, 429)
    t.match((await app.inject({ url, headers })).json(), { status: 429, code: 'too_many_attempts' })
  })
}

t.test('refreshing is limited before its token is looked at', async (t) => {
  const refresh = () =>
    app.inject({
      method: 'POST',
      url: '/v1/sessions/refresh',
      payload: { refreshToken: 'junk' },
      headers: from('203.0.113.4')
    })
  for (let i = 0; i < 2; i += 1) t.not((await refresh()).statusCode, 429)
  t.equal((await refresh()).statusCode, 429)
})

t.test('who am I is not limited', async (t) => {
  for (let i = 0; i < 10; i += 1) {
    t.equal(
      (await app.inject({ url: '/v1/sessions/current', headers: { ...from('203.0.113.5'), ...bearer } })).statusCode,
      200
    )
  }
})

t.test('an older interface refuses in its own words', async (t) => {
  const payload = { email: 'ada@example.com', password: 'secret' }
  const logIn = () => app.inject({ method: 'POST', url: '/api/login', payload, headers: from('203.0.113.6') })
  for (let i = 0; i < 3; i += 1) t.equal((await logIn()).statusCode, 200)
  const refused = await logIn()
  t.same([refused.statusCode, refused.json()], [429, { message: 'Too many attempts' }])
  t.match(refused.headers['retry-after'], /^[1-9]\d*$/)
})
