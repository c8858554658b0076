import { ok } from '@latchkey/contracts/errors'
import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { startGateway } from '../gateway.ts'
import { createFailing, createFailure, failFields, noObjects, summarize } from './answers.ts'

const nats = await startNats(t)
const john = { fullname: { firstname: 'John', lastname: 'Doe' }, email: 'john@example.com', password: 'secret123' }
const NO_TOKEN = { message: 'Unauthorized: No token provided' }
const BAD_TOKEN = { message: 'Unauthorized: Invalid token' }
const texts = {
  'fullname.firstname': 'First name must be at least 3 characters long',
  'fullname.lastname': 'Last name must be at least 3 characters long',
  email: 'Invalid email format',
  password: 'Password must be at least 6 characters long'
}
const createError = (msg: string, param: string) => ({ msg, param, location: 'body' })
const listErrors = (...params: (keyof typeof texts)[]) => ({
  errors: params.map((param) => createError(texts[param], param))
})

t.test('registering and signing in give token, user and cookie', async (t) => {
  const asked: unknown[] = []
  const { app, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    auth: {
      register: async ({ opening, client, ...request }) => {
        asked.push({
          ...request,
          tokens: opening?.tokens,
          hasSameClient: opening?.client.userAgent === client.userAgent
        })
        const { user, ...opened } = signedIn
        return ok({ user, opened })
      }
    }
  })
  const { user, tokens } = signedIn
  const fullname = { firstname: 'Ada', lastname: null }
  const shown = { token: tokens.accessToken, user: { _id: user.id, fullname, email: 'ada@example.com' } }
  const registered = await app.inject({ method: 'POST', url: '/users/register', payload: john })
  t.same(summarize(registered), [201, shown])
  const loggedIn = await app.inject({ method: 'POST', url: '/users/login', payload: john })
  t.same(summarize(loggedIn), [200, shown])
  for (const { cookies } of [registered, loggedIn]) {
    t.same(cookies, [{ name: 'token', value: tokens.accessToken, path: '/', httpOnly: true, sameSite: 'Lax' }])
  }
  t.same(asked, [
    {
      identifiers: [{ kind: 'email', value: 'john@example.com' }],
      password: 'secret123',
      firstName: 'John',
      lastName: 'Doe',
      rules: 'legacy',
      tokens: 'session',
      hasSameClient: true
    }
  ])
})

t.test('its cookie is Secure in production', async (t) => {
  const environment = { NODE_ENV: 'production', PUBLIC_URL: 'http://127.0.0.1:3000', DIALECTS: 'users' }
  const { app } = await startGateway(t, { natsUrl: nats.url, environment })
  const { cookies } = await app.inject({ method: 'POST', url: '/users/login', payload: john })
  t.match(cookies, [{ name: 'token', secure: true, httpOnly: true }])
})

t.test('every failing field is listed, in the order of the fields', async (t) => {
  const { app } = await startGateway(t, { natsUrl: nats.url })
  const post = async (call: string, body: unknown) => {
    const payload = typeof body === 'string' ? body : JSON.stringify(body)
    const headers = { 'content-type': 'application/json' }
    return summarize(await app.inject({ method: 'POST', url: `/users/${call}`, payload, headers }))
  }
  const all = [400, listErrors('fullname.firstname', 'fullname.lastname', 'email', 'password')]
  for (const body of [{}, ...noObjects]) t.same(await post('register', body), all)
  for (const fullname of [null, 'John Doe', [], { firstname: '\u{1f511}x', lastname: 5 }]) {
    const names = [400, listErrors('fullname.firstname', 'fullname.lastname')]
    t.same(await post('register', { ...john, fullname }), names)
  }
  const short = { email: 'x', password: '\u{1f511}'.repeat(5) }
  t.same(await post('login', short), [400, listErrors('email', 'password')])
  t.same(await post('login', '{'), [400, { errors: [createError('Invalid JSON', '')] }])
  const withNul = '{"email":"a\\u0000b","password":"secret123"}'
  t.same(await post('login', withNul), [400, { errors: [createError('Invalid value', 'email')] }])
})

t.test('each refusal has its words and its shape', async (t) => {
  const failing = createFailing()
  const auth = { register: failing.answer, signIn: failing.answer }
  const { app } = await startGateway(t, { natsUrl: nats.url, auth })
  const tooLong = [
    createError('Last name must be at most 100 characters long', 'fullname.lastname'),
    createError('Password must be at most 256 characters long', 'password')
  ]
  const cases = [
    [
      'register',
      createFailure('identifier_taken'),
      400,
      { errors: [createError('Email is already registered', 'email')] }
    ],
    ['register', failFields(['email', 'invalid_format']), 400, listErrors('email')],
    [
      'register',
      failFields(['firstName', 'malformed']),
      400,
      { errors: [createError('Invalid value', 'fullname.firstname')] }
    ],
    ['register', failFields(['password', 'too_long'], ['lastName', 'too_long']), 400, { errors: tooLong }],
    ['register', failFields(), 400, { errors: [createError('The request is not valid', '')] }],
    ['register', createFailure('unavailable'), 500, { message: 'Internal Server Error' }],
    ['login', createFailure('invalid_credentials'), 401, { message: 'Invalid email or password' }],
    ['login', createFailure('user_blocked'), 403, { message: 'User is blocked' }],
    ['login', createFailure('second_factor_required'), 403, { message: 'Second factor required' }],
    ['login', createFailure('too_many_attempts'), 429, { message: 'Too many attempts' }],
    ['register', createFailure('too_many_attempts'), 429, { message: 'Too many attempts' }],
    ['login', createFailure('internal'), 500, { message: 'Internal Server Error' }]
  ] as const
  for (const [call, failure, status, body] of cases) {
    failing.failure = failure
    const res = await app.inject({ method: 'POST', url: `/users/${call}`, payload: john })
    t.same(summarize(res), [status, body], `${call} ${failure.code}`)
    t.same(res.cookies, [])
  }
})

t.test('the token comes by cookie or by header, which wins', async (t) => {
  const { app, bearer, signedIn } = await startGateway(t, { natsUrl: nats.url })
  const { accessToken } = signedIn.tokens
  const cookie = `theme=dark; token=${accessToken}`
  const ask = async (headers: object) => summarize(await app.inject({ url: '/users/profile', headers: { ...headers } }))
  for (const headers of [{ cookie }, bearer, { ...bearer, cookie: 'token=x' }]) t.equal((await ask(headers))[0], 200)
  for (const headers of [{}, { cookie: 'theme=dark' }, { cookie: 'token=' }, { cookie: `latchkey=${accessToken}` }]) {
    t.same(await ask(headers), [401, NO_TOKEN])
  }
  for (const bad of ['x', 'a.b.c', `${accessToken}x`, `${accessToken}; token=${accessToken}`]) {
    t.same(await ask({ cookie: `token=${bad}` }), [401, BAD_TOKEN])
  }
  t.same(await ask({ authorization: 'Bearer a.b.c', cookie }), [401, BAD_TOKEN])
  t.equal((await app.inject({ url: '/v1/me', headers: { cookie } })).statusCode, 401, 'it is no cookie of the platform')
})

t.test('logging out ends the session and clears the cookie, unless another site asks for it', async (t) => {
  const ended: unknown[] = []
  const { app, bearer, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    session: {
      end: async (request) => {
        ended.push(request)
        return ok(signedIn.session)
      }
    }
  })
  const cookie = `token=${signedIn.tokens.accessToken}`
  const logOut = (headers: object) => app.inject({ method: 'POST', url: '/users/logout', headers: { ...headers } })
  const own = { cookie, origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-site' }
  for (const headers of [{ cookie }, bearer, own]) {
    const res = await logOut(headers)
    t.same(summarize(res), [200, { message: 'Logged Out' }])
    t.match(res.cookies, [{ name: 'token', value: '', path: '/', maxAge: 0, httpOnly: true, sameSite: 'Lax' }])
  }
  const { user, session } = signedIn
  t.same(ended, Array(3).fill({ userId: user.id, sessionId: session.id, reason: 'signed_out' }))

  const evil = { origin: 'https://evil.example' }
  for (const mark of [evil, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }]) {
    const res = await logOut({ cookie, ...mark })
    t.equal(res.statusCode, 403)
    t.same(Object.keys(res.json()), ['message'])
  }
  t.equal(ended.length, 3)
  t.equal((await logOut({ ...bearer, ...evil })).statusCode, 200)
  t.same(summarize(await logOut({})), [401, NO_TOKEN])
})

t.test('a session that is over, and a service that fails, are told apart', async (t) => {
  const failing = createFailing()
  const { app, bearer } = await startGateway(t, { natsUrl: nats.url, session: { check: failing.answer } })
  const ask = async () => summarize(await app.inject({ url: '/users/profile', headers: bearer }))
  failing.failure = createFailure('unavailable')
  t.same(await ask(), [500, { message: 'Internal Server Error' }])
  failing.failure = createFailure('session_ended')
  t.same(await ask(), [401, BAD_TOKEN])
})
