import { fail, ok } from '@latchkey/contracts/errors'
import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { startGateway } from '../gateway.ts'
import { ADMITTED, createSession } from '../stand-ins.ts'
import { createClaims, createToken } from '../tokens.ts'
import { buildUnstarted } from '../unstarted-app.ts'

const nats = await startNats(t)
const ENDED = { reason: 'revoked_by_user', endedAt: '2026-11-21T09:30:00.000Z' } as const
/** Routes that anybody may call; every other one is called below without and with the wrong token. */
const PUBLIC = [
  'POST /v1/users',
  'POST /v1/sessions',
  'POST /v1/sessions/refresh',
  'GET /.well-known/jwks.json',
  'GET /healthz',
  'GET /readyz',
  'GET /metrics',
  'PUT /v1/email-verifications/:token',
  'GET /v1/email-verifications/:token',
  'POST /v1/email-verifications/:token',
  'POST /v1/password-resets',
  'PUT /v1/password-resets/:token',
  'GET /v1/password-resets/:token',
  'POST /v1/password-resets/:token',
  'GET /v1/session-reports/:token',
  'POST /v1/session-reports/:token',
  'GET /openapi.json',
  'GET /docs',
  'GET /docs/',
  'GET /docs/json',
  'GET /docs/yaml',
  'GET /docs/static/*',
  'GET /docs/static/index.html',
  'GET /docs/static/swagger-initializer.js'
]

t.test('a route that does not say who may call it stops the start', async (t) => {
  const { app, close } = await buildUnstarted(nats.url)
  t.teardown(close)
  t.throws(() => app.get('/open', async () => 'open'), /does not say who may call it/)
  t.doesNotThrow(() => app.get('/shut', { config: { access: 'user' } }, async () => 'shut'))
  t.equal((await app.inject('/shut')).statusCode, 401)
})

t.test(
  'every route that is not public refuses callers without a token and with that of an ended session',
  async (t) => {
    const { app, bearer } = await startGateway(t, {
      natsUrl: nats.url,
      environment: { DIALECTS: 'none' },
      session: { check: async () => fail('session_ended', ENDED) }
    })
    const guarded = app.listRoutes().filter(({ method, url }) => {
      return !PUBLIC.includes(`${method === 'HEAD' ? 'GET' : method} ${url}`)
    })
    t.ok(guarded.length >= 10)
    for (const { method, url } of guarded) {
      const call = { method: method as 'GET', url: url.replace(':sessionId', 'x') }
      const without = await app.inject(call)
      t.equal(without.statusCode, 401, `${method} ${url}`)
      if (method !== 'HEAD') t.match(without.json(), { code: 'unauthenticated' })
      t.equal(without.headers['www-authenticate'], 'Bearer')

      if (`${method} ${url}` === 'DELETE /v1/sessions/current') continue
      const ended = await app.inject({ ...call, headers: bearer })
      t.equal(ended.statusCode, 401, `${method} ${url}`)
      if (method !== 'HEAD') t.match(ended.json(), { code: 'session_ended', ...ENDED })
      t.equal(ended.headers['www-authenticate'], 'Bearer error="invalid_token"')
    }
  }
)

t.test('odd spellings of a guarded path reach nothing', async (t) => {
  const { app } = await startGateway(t, { natsUrl: nats.url })
  for (const url of ['//v1/me', '/v1//me', '/v1/me/', '/V1/me', '/v1/me;x=1', '/v1%2fme', '/v1/%6de', '/v1/me%00']) {
    const { statusCode } = await app.inject({ url })
    t.ok([400, 401, 404].includes(statusCode), `${url} ${statusCode}`)
  }
})

t.test('a malformed header is not made good by a cookie, and a token counts nowhere else', async (t) => {
  const { app, signedIn, bearer } = await startGateway(t, { natsUrl: nats.url })
  const { accessToken } = signedIn.tokens
  const cookie = `latchkey=${accessToken}`
  const ask = async (headers: Record<string, string>, url = '/v1/me') => {
    const res = await app.inject({ url, headers })
    return [res.statusCode, res.statusCode === 200 ? undefined : res.json().code]
  }
  t.same(await ask({ cookie }), [200, undefined])
  t.same(await ask(bearer), [200, undefined])
  t.same(await ask({ authorization: `bearer ${accessToken}` }), [200, undefined])
  for (const authorization of [
    '',
    'Bearer',
    'Bearer ',
    `Basic ${accessToken}`,
    `Bearer  ${accessToken}`,
    accessToken
  ]) {
    t.same(await ask({ authorization, cookie }), [401, 'unauthenticated'], authorization.slice(0, 12))
  }
  t.same(await ask({ authorization: 'Bearer x', cookie }), [401, 'token_invalid'])
  t.same(await ask({}, `/v1/me?access_token=${accessToken}&token=${accessToken}`), [401, 'unauthenticated'])
  t.same(await ask({ cookie: `${cookie}; ${cookie}` }), [400, 'invalid_request'])
  t.same(await ask({ cookie: `${cookie}; LATCHKEY=x` }), [400, 'invalid_request'])
  t.same(await ask({ cookie: 'other=1' }), [401, 'unauthenticated'])
})

t.test('no header but the token says who is asking', async (t) => {
  const { app, bearer, signedIn } = await startGateway(t, { natsUrl: nats.url })
  const names = ['x-user-id', 'x-user-role', 'x-user-email', 'x-session-id', 'x-forwarded-user', 'x-authenticated-user']
  const said = Object.fromEntries(names.map((name) => [name, name === 'x-user-role' ? 'admin' : 'somebody-else']))
  t.equal((await app.inject({ url: '/v1/me', headers: said })).statusCode, 401)
  const shown = await app.inject({ url: '/v1/me', headers: { ...said, ...bearer } })
  t.match(shown.json(), { id: signedIn.user.id, email: signedIn.user.email, role: 'user' })
  t.equal((await app.inject({ url: '/v1/admin/stats', headers: { ...said, ...bearer } })).statusCode, 403)
})

t.test('a refresh token is no access token', async (t) => {
  const { app, signedIn } = await startGateway(t, { natsUrl: nats.url })
  const headers = { authorization: `Bearer ${signedIn.tokens.refreshToken}` }
  t.match((await app.inject({ url: '/v1/me', headers })).json(), { code: 'token_invalid' })
})

t.test('a blocked user is 403 on every route, with the time to wait', async (t) => {
  const block = { reason: 'inactivity', blockedUntil: '2026-11-21T10:00:00.000Z', retryAfterSeconds: 90 } as const
  const { app, bearer } = await startGateway(t, {
    natsUrl: nats.url,
    activity: { admit: async () => fail('user_blocked', block) }
  })
  for (const url of ['/v1/me', '/v1/sessions/current', '/v1/sessions', '/v1/me/activity']) {
    const res = await app.inject({ url, headers: bearer })
    t.equal(res.statusCode, 403)
    t.match(res.json(), { code: 'user_blocked', reason: 'inactivity', blockedUntil: block.blockedUntil })
    t.equal(res.headers['retry-after'], '90')
  }
  t.equal((await app.inject({ method: 'DELETE', url: '/v1/sessions/current', headers: bearer })).statusCode, 403)
})

t.test('the token of an ended session is no activity', async (t) => {
  let asked = 0
  const { app, bearer } = await startGateway(t, {
    natsUrl: nats.url,
    session: { check: async () => fail('session_ended', ENDED) },
    activity: {
      admit: async () => {
        asked += 1
        return ok(ADMITTED)
      }
    }
  })
  await app.inject({ url: '/v1/me', headers: bearer })
  t.equal(asked, 0)
})

t.test('an activity service that cannot be reached keeps nobody out', async (t) => {
  const { app, bearer, signedIn } = await startGateway(t, { natsUrl: nats.url, absent: ['activity'] })
  for (const _ of [1, 2, 3]) {
    const res = await app.inject({ url: '/v1/sessions/current', headers: bearer })
    t.equal(res.statusCode, 200)
    t.equal(res.json().user.lastActiveAt, signedIn.session.lastSeenAt)
  }
})

t.test('a silent activity service is waited for once, not by each request', async (t) => {
  const released = Promise.withResolvers<void>()
  let asked = 0
  const { app, bearer } = await startGateway(t, {
    natsUrl: nats.url,
    activity: {
      admit: async () => {
        asked += 1
        await released.promise
        return fail('unavailable')
      }
    }
  })
  t.teardown(() => released.resolve())
  for (const _ of [1, 2, 3, 4]) {
    t.equal((await app.inject({ url: '/v1/me', headers: bearer })).statusCode, 200)
  }
  t.equal(asked, 1)
})

t.test('signing out works twice, with a token that is over, and with a session that is', async (t) => {
  const { app, key, signedIn, bearer } = await startGateway(t, {
    natsUrl: nats.url,
    session: {
      check: async () => fail('session_ended', ENDED),
      end: async ({ sessionId, userId }) => ok(createSession(userId, { id: sessionId, state: 'ended' }))
    }
  })
  const signOut = (headers: Record<string, string>) =>
    app.inject({ method: 'DELETE', url: '/v1/sessions/current', headers })
  t.equal((await signOut(bearer)).statusCode, 204)
  t.equal((await signOut(bearer)).statusCode, 204)

  const past = Math.floor(Date.now() / 1000) - 700
  const { user, session } = signedIn
  const claims = createClaims({ sub: user.id, sid: session.id, iat: past, exp: past + 600 })
  const expired = createToken(key, { claims })
  t.equal((await signOut({ authorization: `Bearer ${expired}` })).statusCode, 204)
  t.equal((await signOut({ authorization: `Bearer ${expired}x` })).statusCode, 401)
})
