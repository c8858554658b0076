import { ok } from '@latchkey/contracts/errors'
import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { startGateway } from '../gateway.ts'
import { createProfile } from '../stand-ins.ts'
import { createFailing, createFailure, failFields, noObjects, summarize } from './answers.ts'

const nats = await startNats(t)
const credentials = { username: 'NewUser', password: 'newpassword' }

t.test('registering opens no session', async (t) => {
  const asked: unknown[] = []
  const { app } = await startGateway(t, {
    natsUrl: nats.url,
    auth: {
      register: async (request) => {
        asked.push(request)
        return ok({ user: createProfile({ number: 7 }), opened: null })
      }
    }
  })
  const headers = { 'user-agent': 'agent/1' }
  const res = await app.inject({ method: 'POST', url: '/register', payload: credentials, headers })
  t.same(summarize(res), [201, { message: 'User registered successfully', user_id: 7 }])
  t.same(asked, [
    {
      identifiers: [{ kind: 'username', value: 'NewUser' }],
      password: 'newpassword',
      firstName: null,
      lastName: null,
      rules: 'legacy',
      client: { ipAddress: '127.0.0.1', userAgent: 'agent/1' },
      opening: null
    }
  ])
})

t.test('signing in gives the number in the body and the token in a header', async (t) => {
  const asked: unknown[] = []
  const { app, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    auth: {
      signIn: async ({ opening, ...request }) => {
        asked.push({ ...request, tokens: opening.tokens })
        return ok(signedIn)
      }
    }
  })
  const res = await app.inject({ method: 'POST', url: '/login', payload: credentials })
  t.same(summarize(res), [200, { user_id: 1 }])
  t.equal(res.headers.authorization, `Bearer ${signedIn.tokens.accessToken}`)
  const identifier = { kind: 'username', value: 'NewUser' }
  t.same(asked, [{ identifier, password: 'newpassword', tokens: 'session' }])
})

t.test('each refusal has its words', async (t) => {
  const failing = createFailing()
  const auth = { register: failing.answer, signIn: failing.answer }
  const { app } = await startGateway(t, { natsUrl: nats.url, auth })
  const cases = [
    ['/register', createFailure('identifier_taken'), 400, 'Username already exists'],
    ['/register', failFields(['username', 'too_long']), 400, 'Username must be at most 50 characters long'],
    ['/register', failFields(['username', 'malformed']), 400, 'Invalid username'],
    ['/register', failFields(['password', 'too_short']), 400, 'Password must be at least 6 characters long'],
    ['/register', createFailure('unavailable'), 500, 'Registration failed'],
    ['/register', createFailure('too_many_attempts'), 429, 'Too many attempts'],
    ['/login', createFailure('invalid_credentials'), 401, 'Invalid credentials'],
    ['/login', createFailure('user_blocked'), 403, 'User is blocked'],
    ['/login', createFailure('second_factor_required'), 403, 'Second factor required'],
    ['/login', createFailure('too_many_attempts'), 429, 'Too many attempts'],
    ['/login', createFailure('internal'), 500, 'Internal Server Error']
  ] as const
  for (const [url, failure, status, message] of cases) {
    failing.failure = failure
    const res = await app.inject({ method: 'POST', url, payload: credentials })
    t.same(summarize(res), [status, { message }], `${url} ${failure.code}`)
    t.notOk('authorization' in res.headers)
  }
})

t.test('a body without what is needed is told so', async (t) => {
  const { app } = await startGateway(t, { natsUrl: nats.url })
  for (const url of ['/register', '/login']) {
    const post = async (payload: string, type = 'application/json') =>
      summarize(await app.inject({ method: 'POST', url, payload, headers: { 'content-type': type } }))
    for (const body of noObjects) t.same(await post(body), [400, { message: 'Missing parameters' }])
    for (const value of [undefined, null, '', 5]) {
      const body = JSON.stringify({ ...credentials, password: value })
      t.same(await post(body), [400, { message: 'Missing parameters' }])
    }
    t.same(await post('{'), [400, { message: 'Invalid JSON' }])
    t.same(await post('{}', 'text/plain'), [415, { message: 'Unsupported media type' }])
  }
})
