import { fail, ok } from '@latchkey/contracts/errors'
import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { startGateway } from '../gateway.ts'
import { createSession } from '../stand-ins.ts'
import { createClaims, createToken } from '../tokens.ts'

const nats = await startNats(t)
const HERE = { origin: 'http://127.0.0.1:3000' }
const credentials = { identifier: 'ada@example.com', password: 'correct horse', cookies: true }

t.test('tokens travel as cookies instead of in the body', async (t) => {
  const { app, signedIn } = await startGateway(t, { natsUrl: nats.url })
  const { tokens } = signedIn
  for (const [url, payload] of [
    ['/v1/sessions', credentials],
    ['/v1/users', { email: 'ada@example.com', password: 'correct horse', cookies: true }]
  ] as const) {
    const res = await app.inject({ method: 'POST', url, headers: HERE, payload })
    t.equal(res.statusCode, 201)
    const body = res.json()
    t.notOk('accessToken' in body || 'refreshToken' in body)
    t.equal(body.refreshTokenExpiresAt, tokens.refreshTokenExpiresAt)
    t.match(res.cookies, [
      { name: 'latchkey', value: tokens.accessToken, httpOnly: true, sameSite: 'Lax', path: '/', maxAge: Number },
      { name: 'latchkey-refresh', value: tokens.refreshToken, httpOnly: true, path: '/v1/sessions/refresh' }
    ])
    t.notOk(res.cookies.some((cookie) => cookie.secure === true || cookie.domain !== undefined))
    t.ok(res.cookies.every(({ maxAge = 0 }) => maxAge > 600 && maxAge <= 400 * 24 * 3600))
  }
})

t.test('on an https site they are Secure and carry the prefixes browsers enforce', async (t) => {
  const PUBLIC_URL = 'https://id.example.com'
  const { app } = await startGateway(t, { natsUrl: nats.url, environment: { PUBLIC_URL } })
  const headers = { origin: PUBLIC_URL }
  const res = await app.inject({ method: 'POST', url: '/v1/sessions', headers, payload: credentials })
  t.match(res.cookies, [
    { name: '__Host-latchkey', secure: true, path: '/' },
    { name: '__Secure-latchkey-refresh', secure: true, path: '/v1/sessions/refresh' }
  ])
})

t.test('a refresh by cookie answers with cookies, one by body with a body', async (t) => {
  const { app, signedIn } = await startGateway(t, { natsUrl: nats.url })
  const { refreshToken } = signedIn.tokens
  const call = { method: 'POST', url: '/v1/sessions/refresh' } as const

  const byCookie = await app.inject({ ...call, headers: { ...HERE, cookie: `latchkey-refresh=${refreshToken}` } })
  t.equal(byCookie.statusCode, 200)
  t.same(Object.keys(byCookie.json()).toSorted(), ['accessTokenExpiresAt', 'refreshTokenExpiresAt'])
  t.equal(byCookie.cookies.length, 2)

  const byBody = await app.inject({ ...call, payload: { refreshToken } })
  t.equal(byBody.cookies.length, 0)
  t.same(Object.keys(byBody.json()).length, 4)

  t.match((await app.inject(call)).json(), { status: 400, errors: [{ field: 'refreshToken', code: 'required' }] })
  const two = { ...HERE, cookie: `latchkey-refresh=${refreshToken}; latchkey-refresh=x` }
  t.equal((await app.inject({ ...call, headers: two })).statusCode, 400)
})

t.test('cookies are cleared, with the attributes they were set with, when the session is over', async (t) => {
  const { app, key, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    session: { refresh: async () => fail('refresh_invalid') }
  })
  const headers = { ...HERE, cookie: `latchkey=${signedIn.tokens.accessToken}` }
  const cleared = [
    { name: 'latchkey', value: '', maxAge: 0, httpOnly: true, sameSite: 'Lax', path: '/' },
    { name: 'latchkey-refresh', value: '', maxAge: 0, httpOnly: true, sameSite: 'Lax', path: '/v1/sessions/refresh' }
  ]
  const calls = [
    ['DELETE', '/v1/sessions/current', 204],
    ['DELETE', '/v1/sessions', 200],
    ['DELETE', `/v1/sessions/${signedIn.session.id}`, 204],
    ['POST', '/v1/sessions/refresh', 401]
  ] as const
  for (const [method, url, status] of calls) {
    const res = await app.inject({ method, url, headers })
    t.equal(res.statusCode, status, url)
    t.match(res.cookies, cleared, url)
  }
  const others = await app.inject({ method: 'DELETE', url: '/v1/sessions?except=current', headers })
  t.equal(others.cookies.length, 0)

  const past = Math.floor(Date.now() / 1000) - 700
  const { user, session } = signedIn
  const claims = createClaims({ sub: user.id, sid: session.id, iat: past, exp: past + 600 })
  const expired = { ...HERE, cookie: `latchkey=${createToken(key, { claims })}` }
  t.equal((await app.inject({ url: '/v1/me', headers: expired })).statusCode, 401)
  const late = await app.inject({ method: 'DELETE', url: '/v1/sessions/current', headers: expired })
  t.equal(late.statusCode, 204)
  t.match(late.cookies, cleared, 'with a token that is over')
})

t.test('a session that has ended is forgotten by the browser; a fault is no reason to forget one', async (t) => {
  let failure: ReturnType<typeof fail<'unavailable'>> | ReturnType<typeof fail<'session_ended'>> = fail('unavailable')
  const { app, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    session: { check: async () => failure, refresh: async () => failure }
  })
  const cookie = `latchkey=${signedIn.tokens.accessToken}; latchkey-refresh=x`
  const ask = () => app.inject({ url: '/v1/me', headers: { cookie } })
  const refresh = () => app.inject({ method: 'POST', url: '/v1/sessions/refresh', headers: { ...HERE, cookie } })
  t.same([(await ask()).cookies, (await refresh()).cookies], [[], []])
  failure = fail('session_ended', { reason: 'signed_out', endedAt: '2026-11-21T09:30:00.000Z' })
  t.same([(await ask()).cookies.length, (await refresh()).cookies.length], [2, 2])
})

t.test('signing in again ends the session whose cookies are replaced, never adopts it', async (t) => {
  const ended: string[] = []
  const { app, key, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    session: {
      end: async ({ sessionId, userId, reason }) => {
        ended.push(`${reason} ${sessionId}`)
        return ok(createSession(userId, { id: sessionId, state: 'ended' }))
      }
    }
  })
  const signIn = (cookie: string, payload: object = credentials) =>
    app.inject({ method: 'POST', url: '/v1/sessions', headers: { ...HERE, cookie }, payload })
  const older = createToken(key, { claims: createClaims({ sub: signedIn.user.id, sid: 'an-older-session' }) })
  t.equal((await signIn(`latchkey=${older}`)).statusCode, 201)
  t.same(ended, ['replaced an-older-session'])
  t.equal((await signIn('latchkey=made-up')).statusCode, 201)
  t.equal((await signIn(`latchkey=${older}`, { ...credentials, cookies: false })).statusCode, 201)
  t.equal(ended.length, 1)
})

t.test('a browser is known again by a cookie of its own, whatever signing out clears', async (t) => {
  const { app, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    auth: {
      signIn: async ({ opening }) => {
        const device = { ...signedIn.session.device, id: opening.deviceId }
        return ok({ ...signedIn, session: { ...signedIn.session, device } })
      }
    }
  })
  const signIn = (cookie: string, payload: object = {}) =>
    app.inject({
      method: 'POST',
      url: '/v1/sessions',
      headers: { ...HERE, cookie },
      payload: { ...credentials, ...payload }
    })
  const readDevice = ({ cookies }: Awaited<ReturnType<typeof signIn>>) =>
    cookies.find(({ name }) => name === 'latchkey-device')

  const first = readDevice(await signIn(''))
  t.match(first, { httpOnly: true, sameSite: 'Lax', path: '/', maxAge: 400 * 24 * 3600 })
  t.match(first?.value, /^[A-Za-z0-9_-]{22}$/)
  const again = await signIn(`latchkey-device=${first?.value}`)
  t.equal(readDevice(again)?.value, first?.value, 'kept for another 400 days')
  t.equal(again.json().session.device.id, first?.value)
  t.not(readDevice(await signIn(''))?.value, first?.value, 'without the cookie it is a new device')
  t.not(readDevice(await signIn('latchkey-device=<b>'))?.value, '<b>', 'what is no id was not set here')
  t.equal((await signIn('latchkey-device=one-device; latchkey-device=another')).statusCode, 400)

  const named = await signIn(`latchkey-device=${first?.value}`, { deviceId: 'phone-0001' })
  t.equal(named.json().session.device.id, 'phone-0001', 'what the client names itself wins')
  t.notOk(readDevice(named))
  const bare = await signIn(`latchkey-device=${first?.value}`, { cookies: false })
  t.equal(bare.json().session.device.id, null, 'a client without cookies has none of this')

  const headers = { ...HERE, cookie: `latchkey=${signedIn.tokens.accessToken}; latchkey-device=${first?.value}` }
  const out = await app.inject({ method: 'DELETE', url: '/v1/sessions/current', headers })
  t.notOk(readDevice(out))
})
