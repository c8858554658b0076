import { ok } from '@latchkey/contracts/errors'
import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { startGateway } from '../gateway.ts'
import { createFailing, createFailure, failFields, noObjects, summarize } from './answers.ts'

const nats = await startNats(t)
const credentials = { email: 'User@Example.com', password: 'your_password' }
const MISSING = { error: 'Email and password are required' }

t.test('a sign-in asks for a session whose token lasts, and answers with the token alone', async (t) => {
  const asked: unknown[] = []
  const { app, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    auth: {
      signIn: async (request) => {
        asked.push(request)
        return ok(signedIn)
      }
    }
  })
  const headers = { 'user-agent': 'phone' }
  const res = await app.inject({ method: 'POST', url: '/api/login', headers, payload: { ...credentials, more: 1 } })
  t.same(summarize(res), [200, { token: signedIn.tokens.accessToken }])
  t.equal(res.headers['cache-control'], 'no-store')
  const client = { ipAddress: '127.0.0.1', userAgent: 'phone' }
  t.same(asked, [
    {
      identifier: { kind: 'email', value: 'User@Example.com' },
      password: 'your_password',
      opening: { client, deviceId: null, tokens: 'session', policy: null }
    }
  ])
})

t.test('each refusal of a sign-in has its words', async (t) => {
  const failing = createFailing()
  const { app } = await startGateway(t, { natsUrl: nats.url, auth: { signIn: failing.answer } })
  const logIn = () => app.inject({ method: 'POST', url: '/api/login', payload: credentials })
  const cases = [
    [failFields(['email', 'invalid_format']), 400, 'Invalid email format'],
    [createFailure('invalid_credentials'), 401, 'Invalid email or password'],
    [createFailure('user_blocked'), 403, 'User is blocked'],
    [createFailure('second_factor_required'), 403, 'Second factor required'],
    [createFailure('too_many_attempts'), 429, 'Too many attempts'],
    [createFailure('unavailable'), 500, 'Internal server error'],
    [createFailure('internal'), 500, 'Internal server error']
  ] as const
  for (const [failure, status, message] of cases) {
    failing.failure = failure
    const res = await logIn()
    t.same(summarize(res), [status, { message }], failure.code)
    t.match(res.headers['content-type'], /^application\/json/)
  }
  failing.failure = createFailure('user_blocked')
  t.equal((await logIn()).headers['retry-after'], '60')
  failing.failure = createFailure('too_many_attempts')
  t.equal((await logIn()).headers['retry-after'], '30')
})

t.test('a body without what is needed is told so', async (t) => {
  const { app } = await startGateway(t, { natsUrl: nats.url })
  const post = async (payload: string, type = 'application/json') =>
    summarize(await app.inject({ method: 'POST', url: '/api/login', payload, headers: { 'content-type': type } }))
  for (const value of [undefined, null, '', 5, true, ['x'], {}]) {
    t.same(await post(JSON.stringify({ ...credentials, email: value })), [400, MISSING])
    t.same(await post(JSON.stringify({ ...credentials, password: value })), [400, MISSING])
  }
  for (const body of noObjects) t.same(await post(body), [400, MISSING], body)
  for (const body of ['{', '{"__proto__":{}}']) t.same(await post(body), [400, { message: 'Invalid JSON' }])
  t.same(await post('{"email":"a\\u0000","password":"b"}'), [400, { message: 'Invalid email format' }])
  t.same(await post('{"email":"a","password":"\\ud800"}'), [400, { message: 'Invalid request' }])
  t.same(await post('{}', 'text/plain'), [415, { message: 'Unsupported media type' }])
  t.equal((await post(JSON.stringify({ ...credentials, more: 'x'.repeat(20_000) })))[0], 413)
})

t.test('the activity is shown to whoever has a good token', async (t) => {
  const { app, bearer, signedIn } = await startGateway(t, { natsUrl: nats.url })
  const ask = async (headers: object) => summarize(await app.inject({ url: '/api/activity', headers: { ...headers } }))
  t.same(await ask(bearer), [200, { message: 'unblocked activity' }])
  const byCookie = { cookie: `token=${signedIn.tokens.accessToken}` }
  for (const headers of [{}, { authorization: 'Bearer x' }, byCookie]) {
    t.same(await ask(headers), [401, { message: 'Unauthorized' }])
  }
})

t.test('a session that is over is unauthorized; a service that fails is its own fault', async (t) => {
  const failing = createFailing()
  const { app, bearer } = await startGateway(t, { natsUrl: nats.url, session: { check: failing.answer } })
  const ask = async () => summarize(await app.inject({ url: '/api/activity', headers: bearer }))
  failing.failure = createFailure('unavailable')
  t.same(await ask(), [500, { message: 'Internal server error' }])
  failing.failure = createFailure('session_ended')
  t.same(await ask(), [401, { message: 'Unauthorized' }])
})

t.test('a blocked user is told how long', async (t) => {
  const failing = createFailing(createFailure('user_blocked'))
  const { app, bearer } = await startGateway(t, { natsUrl: nats.url, activity: { admit: failing.answer } })
  const res = await app.inject({ url: '/api/activity', headers: bearer })
  t.same(summarize(res), [403, { message: 'User is blocked' }])
  t.equal(res.headers['retry-after'], '60')
})
