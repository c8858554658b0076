import { fail, ok } from '@latchkey/contracts/errors'
import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { type GatewayOptions, startGateway } from '../gateway.ts'
import { createProfile, createSession, createTokens } from '../stand-ins.ts'
import { createFailing, createFailure, failFields, summarize } from './answers.ts'

const nats = await startNats(t)
const SERVICE_KEY = 'only-for-tests-0123456789abcdef0123456789'
const person = { mobile: '+9012345678', username: 'SavingsBank' }
const user = createProfile({ email: null, mobile: '+9012345678', firstName: 'SavingsBank' })
const ended = createSession(user.id, { state: 'ended', createdAt: '2026-11-21T09:30:00.000Z' })
const live = createSession(user.id, { createdAt: '2026-11-21T10:30:00.000Z' })
const opened = {
  session: live,
  tokens: createTokens('a.b.c'),
  notices: { concurrent: [], replaced: [], newDevice: false }
}
const shown = {
  user_name: 'SavingsBank',
  activeSession: live.id,
  sessions: [ended, live].map(({ id, createdAt, state }) => ({
    sessionKey: id,
    userAgent: 'curl/8',
    ipAddress: '127.0.0.1',
    isValid: state === 'active',
    createdAt
  }))
}

/** The gateway before services that know one user with two sessions, on two pages. */
async function start(t: Parameters<typeof startGateway>[0], overrides: Partial<GatewayOptions> = {}) {
  const asked: unknown[] = []
  const auth: GatewayOptions['auth'] = {
    register: async (request) => {
      asked.push(request)
      return ok({ user, opened })
    },
    signInTrusted: async (request) => {
      asked.push(request)
      const replaced = request.name === 'SavingsBank' ? [ended] : []
      return ok({ user, ...opened, notices: { ...opened.notices, replaced } })
    },
    findUser: async ({ identifier }) => (identifier.value === '9012345678' ? ok(user) : fail('user_not_found')),
    getUser: async () => ok(user)
  }
  const session: GatewayOptions['session'] = {
    list: async ({ cursor }) =>
      cursor === null ? ok({ items: [live], nextCursor: 'next' }) : ok({ items: [ended], nextCursor: null }),
    find: async ({ sessionId }) => (sessionId === live.id ? ok(live) : fail('session_not_found')),
    end: async (request) => {
      asked.push(request)
      return ok(live)
    }
  }
  const { app } = await startGateway(t, {
    natsUrl: nats.url,
    ...overrides,
    auth: { ...auth, ...overrides.auth },
    session: { ...session, ...overrides.session }
  })
  const post = (url: string, payload: object, headers = {}) => app.inject({ method: 'POST', url, payload, headers })
  return { app, asked, post }
}

t.test('a user is created without a password, and shown with all sessions, the oldest first', async (t) => {
  const { asked, post } = await start(t)
  const res = await post('/createUser', person, { 'user-agent': 'Thunder Client' })
  t.same(summarize(res), [201, { message: 'User created successfully', user: { mobile: '+9012345678', ...shown } }])
  const client = { ipAddress: '127.0.0.1', userAgent: 'Thunder Client' }
  t.same(asked, [
    {
      identifiers: [{ kind: 'mobile', value: '+9012345678' }],
      password: null,
      firstName: 'SavingsBank',
      lastName: null,
      rules: 'legacy',
      client,
      opening: { client, deviceId: null, tokens: 'session', policy: 'single' }
    }
  ])
})

t.test('a user is found by their number', async (t) => {
  const { app } = await start(t)
  t.same(summarize(await app.inject('/user/9012345678')), [200, { mobile_number: '+9012345678', ...shown }])
  t.same(summarize(await app.inject('/user/nobody')), [404, { message: 'User not found' }])
})

t.test('a login names its device, and tells of a session that was live', async (t) => {
  const { asked, post } = await start(t)
  const client = { userAgent: 'kiosk', ipAddress: '::ffff:127.0.0.2' }
  const message = 'There is already a session up and running. Please log out and log in again.'
  t.same(summarize(await post('/login', { ...person, ...client })), [
    200,
    { message, user: { mobile: '+9012345678', ...shown } }
  ])
  t.match((await post('/login', { ...person, username: 'Other' })).json(), { message: 'Login successful' })
  const opening = { client, deviceId: null, tokens: 'session', policy: 'single' }
  t.match(asked, [
    { identifier: { kind: 'mobile', value: '+9012345678' }, name: 'SavingsBank', opening },
    { name: 'Other' }
  ])
})

t.test('a device that cannot be one is that of the connection', async (t) => {
  const { asked, post } = await start(t)
  const headers = { 'user-agent': 'agent/1' }
  const ipAddress = '127.0.0.1'
  for (const given of ['here', 'fe80::1%eth0', '1.2.3', 5, null, '', 'x'.repeat(5000)]) {
    await post('/login', { ...person, ipAddress: given, userAgent: [given] }, headers)
    t.match(asked.pop(), { opening: { client: { ipAddress, userAgent: 'agent/1' } } })
  }
  await post('/login', { ...person, userAgent: `${'a'.repeat(511)}\u{1f511}` }, headers)
  t.match(asked.pop(), { opening: { client: { ipAddress, userAgent: `${'a'.repeat(511)}\ufffd` } } })
})

t.test('a session is ended by its key, whoever has it', async (t) => {
  const { asked, post } = await start(t)
  const res = await post('/invalidateSession', { sessionKey: live.id })
  const message = 'Session invalidated successfully.'
  t.same(summarize(res), [200, { message, user: { mobile: '+9012345678', ...shown } }])
  t.same(asked, [{ userId: user.id, sessionId: live.id, reason: 'revoked_by_admin' }])
  for (const sessionKey of ['x', 'x'.repeat(5000)]) {
    t.same(summarize(await post('/invalidateSession', { sessionKey })), [404, { message: 'Session not found' }])
  }
  t.same(summarize(await post('/invalidateSession', {})), [400, { message: 'sessionKey is required' }])
})

t.test('each refusal has its words', async (t) => {
  const failing = createFailing()
  const { post } = await start(t, { auth: { register: failing.answer, signInTrusted: failing.answer } })
  const cases = [
    ['/createUser', failFields(['mobile', 'invalid_format']), 400, 'Invalid mobile number'],
    ['/createUser', failFields(['firstName', 'too_long']), 400, 'Invalid username'],
    ['/createUser', createFailure('identifier_taken'), 409, 'User already exists'],
    ['/createUser', createFailure('unavailable'), 500, 'Internal server error'],
    ['/login', createFailure('user_not_found'), 404, 'User not found'],
    ['/login', createFailure('invalid_credentials'), 401, 'Invalid credentials'],
    ['/login', createFailure('user_blocked'), 403, 'User is blocked'],
    ['/login', createFailure('second_factor_required'), 403, 'Second factor required'],
    ['/login', createFailure('too_many_attempts'), 429, 'Too many attempts'],
    ['/login', createFailure('internal'), 500, 'Internal server error']
  ] as const
  for (const [url, failure, status, message] of cases) {
    failing.failure = failure
    t.same(summarize(await post(url, person)), [status, { message }], `${url} ${failure.code}`)
  }
  const required = { message: 'mobile and username are required' }
  for (const payload of [{ mobile: '9012345678' }, { ...person, mobile: 5 }, { ...person, username: '' }]) {
    for (const url of ['/createUser', '/login']) t.same(summarize(await post(url, payload)), [400, required])
  }
})

t.test('in production its routes ask for the service key before anything else', async (t) => {
  const PUBLIC_URL = 'https://id.example.com'
  const environment = { NODE_ENV: 'production', PUBLIC_URL, DIALECTS: 'all', SERVICE_KEY }
  const { app, post } = await start(t, { environment })
  const calls = [
    (headers: object) => post('/createUser', {}, headers),
    (headers: object) => post('/invalidateSession', {}, headers),
    (headers: object) => post('/login', { mobile: '' }, headers),
    (headers: object) => app.inject({ url: '/user/nobody', headers: { ...headers } })
  ]
  const wrong = ['', 'Bearer', `Bearer ${SERVICE_KEY}x`, `Bearer ${SERVICE_KEY.toUpperCase()}`, `Basic ${SERVICE_KEY}`]
  for (const headers of [{}, ...wrong.map((authorization) => ({ authorization }))]) {
    for (const call of calls) t.same(summarize(await call(headers)), [401, { message: 'Unauthorized' }])
  }
  const authorization = `Bearer ${SERVICE_KEY}`
  const answers = await Promise.all(calls.map((call) => call({ authorization })))
  t.same(
    answers.map(({ statusCode }) => statusCode),
    [400, 400, 400, 404]
  )
  t.equal((await post('/login', { username: 'a', password: 'b' })).statusCode, 200, 'others need none')
  t.equal((await app.inject({ url: '/v1/me', headers: { authorization } })).statusCode, 401, 'it opens nothing else')
})

t.test('a service that is away is an error, never a hang', async (t) => {
  const { app } = await startGateway(t, { natsUrl: (await startNats(t)).url, absent: ['auth'] })
  t.same(summarize(await app.inject('/user/9012345678')), [500, { message: 'Internal server error' }])
})
