import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { startGateway } from '../gateway.ts'

const nats = await startNats(t)
const FRIEND = 'https://app.example'
const strangers = [
  'null',
  'https://app.example.evil',
  'https://evilapp.example',
  'https://app.example:8443',
  'http://app.example',
  'https://APP.example.'
]
const { app, signedIn, bearer } = await startGateway(t, {
  natsUrl: nats.url,
  environment: { ALLOWED_ORIGINS: FRIEND }
})
const cookie = `latchkey=${signedIn.tokens.accessToken}`
const end = (headers: Record<string, string>) => app.inject({ method: 'DELETE', url: '/v1/sessions', headers })

t.test('a change by cookie needs a site that a browser vouches for', async (t) => {
  t.equal((await end({ cookie, origin: FRIEND })).statusCode, 200)
  t.equal((await end({ cookie, origin: 'http://127.0.0.1:3000' })).statusCode, 200)
  t.equal((await end({ cookie, 'sec-fetch-site': 'same-origin' })).statusCode, 200)
  for (const headers of [
    {},
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'none' }
  ]) {
    const res = await end({ cookie, ...headers })
    t.equal(res.statusCode, 403)
    t.match(res.json(), { code: 'csrf' })
  }
  for (const origin of strangers) t.match((await end({ cookie, origin })).json(), { code: 'csrf' }, origin)
})

t.test('a change by Bearer token needs none, and neither does a read by cookie', async (t) => {
  t.equal((await end({ ...bearer, origin: 'https://elsewhere.example' })).statusCode, 200)
  t.equal((await end(bearer)).statusCode, 200)
  t.equal((await app.inject({ url: '/v1/me', headers: { cookie } })).statusCode, 200)
})

t.test('nobody is signed in by a page of another site', async (t) => {
  const sign = (headers: Record<string, string>, cookies: boolean, url = '/v1/sessions') =>
    app.inject({
      method: 'POST',
      url,
      headers,
      payload: { ...(url === '/v1/users' ? { email: 'a@b.example' } : { identifier: 'a' }), password: 'p', cookies }
    })
  for (const url of ['/v1/sessions', '/v1/users']) {
    t.equal((await sign({}, false, url)).statusCode, 201)
    t.equal((await sign({ origin: FRIEND }, true, url)).statusCode, 201)
    t.match((await sign({}, true, url)).json(), { code: 'csrf' })
    t.match((await sign({ origin: 'https://elsewhere.example' }, false, url)).json(), { code: 'csrf' })
  }
  const refresh = await app.inject({
    method: 'POST',
    url: '/v1/sessions/refresh',
    headers: { cookie: 'latchkey-refresh=x' }
  })
  t.match(refresh.json(), { code: 'csrf' })
})

t.test('pages of an allowed origin may read answers, also errors; no other page may', async (t) => {
  for (const url of ['/v1/me', '/nowhere']) {
    const friendly = await app.inject({ url, headers: { origin: FRIEND } })
    t.equal(friendly.headers['access-control-allow-origin'], FRIEND)
    t.equal(friendly.headers['access-control-allow-credentials'], 'true')
    for (const origin of strangers) {
      const res = await app.inject({ url, headers: { origin } })
      t.notOk('access-control-allow-origin' in res.headers, origin)
      t.match(res.headers.vary, /Origin/)
    }
  }
  t.match((await app.inject('/v1/me')).headers.vary, /Origin/)
})

t.test('a preflight is answered by the list', async (t) => {
  const preflight = (origin: string) =>
    app.inject({
      method: 'OPTIONS',
      url: '/v1/sessions',
      headers: { origin, 'access-control-request-method': 'DELETE', 'access-control-request-headers': 'authorization' }
    })
  const friendly = await preflight(FRIEND)
  t.equal(friendly.statusCode, 204)
  t.equal(friendly.headers['access-control-allow-origin'], FRIEND)
  t.match(friendly.headers['access-control-allow-methods'], /DELETE/)
  t.match(friendly.headers['access-control-allow-headers'], /authorization/)
  t.notOk('access-control-allow-origin' in (await preflight('https://elsewhere.example')).headers)
})

t.test('without a list there is no CORS at all', async (t) => {
  const { app } = await startGateway(t, { natsUrl: nats.url })
  const res = await app.inject({ url: '/v1/me', headers: { origin: FRIEND } })
  t.notOk('access-control-allow-origin' in res.headers)
  t.match(res.headers.vary, /Origin/)
  t.equal((await app.inject({ method: 'OPTIONS', url: '/v1/me', headers: { origin: FRIEND } })).statusCode, 405)
})

t.test('a request cannot change its method by header or parameter', async (t) => {
  const headers = { ...bearer, 'x-http-method-override': 'DELETE', 'x-method-override': 'DELETE' }
  const res = await app.inject({ url: '/v1/sessions/current?_method=DELETE', headers })
  t.equal(res.statusCode, 200)
})
