import { fail, ok } from '@latchkey/contracts/errors'
import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { startGateway } from '../gateway.ts'
import { createSession } from '../stand-ins.ts'
import { createClaims, createKey, createToken } from '../tokens.ts'
import { createFailing, createFailure, failFields, noObjects, summarize } from './answers.ts'

const nats = await startNats(t)
const xristos = {
  email: 'testemail@gmail.com',
  firstname: 'xristos',
  lastname: 'apatsidis',
  password: 'rootIsAStrongestPassword'
}
const refuse = (message: string) => ({ success: false, message })

function split(token: string) {
  const [header = '', loginInfo = '', secure = ''] = token.split('.')
  return { header, loginInfo, secure, cookie: `login_info=${loginInfo}; secure=${secure}` }
}

t.test('registering and signing in hand out the two parts, in the body and as cookies', async (t) => {
  const asked: unknown[] = []
  const { app, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    auth: {
      register: async ({ opening: _, client: __, ...request }) => {
        asked.push(request)
        const { user, ...opened } = signedIn
        return ok({ user, opened })
      }
    }
  })
  const { loginInfo, secure } = split(signedIn.tokens.accessToken)
  const sessionData = { loginInfo, secure, clientId: signedIn.session.id }
  const userData = { email: 'ada@example.com', firstname: 'Ada', lastname: null }
  const registered = await app.inject({ method: 'POST', url: '/api/v1/auth/register', payload: xristos })
  const { quote, ...body } = registered.json()
  t.same([registered.statusCode, body], [200, { success: true, userData, sessionData }])
  t.match(quote, /\w/)
  const loggedIn = await app.inject({ method: 'POST', url: '/api/v1/auth/login', payload: xristos })
  t.match(summarize(loggedIn), [200, { success: true, sessionData, quote: String }])
  t.same(Object.keys(loggedIn.json()), ['success', 'sessionData', 'quote'])
  for (const { cookies } of [registered, loggedIn]) {
    t.same(cookies, [
      { name: 'login_info', value: loginInfo, path: '/', sameSite: 'Lax' },
      { name: 'secure', value: secure, path: '/', httpOnly: true, sameSite: 'Lax' }
    ])
  }
  t.same(asked, [
    {
      identifiers: [{ kind: 'email', value: 'testemail@gmail.com' }],
      password: 'rootIsAStrongestPassword',
      firstName: 'xristos',
      lastName: 'apatsidis',
      rules: 'legacy'
    }
  ])
})

t.test('each refusal has its words', async (t) => {
  const failing = createFailing()
  const auth = { register: failing.answer, signIn: failing.answer }
  const { app } = await startGateway(t, { natsUrl: nats.url, auth })
  const cases = [
    ['register', createFailure('identifier_taken'), 409, 'User exist'],
    ['register', failFields(['email', 'invalid_format']), 400, 'Invalid email format'],
    ['register', failFields(['password', 'too_short']), 400, 'Password must be at least 6 characters long'],
    ['register', failFields(['firstName', 'too_long']), 400, 'Invalid firstname'],
    ['register', createFailure('unavailable'), 500, 'Error processing the request'],
    ['login', failFields(['email', 'invalid_format']), 400, 'Invalid email format'],
    ['login', createFailure('invalid_credentials'), 401, 'Incorrect email or password'],
    ['login', createFailure('user_blocked'), 403, 'User is blocked'],
    ['login', createFailure('second_factor_required'), 403, 'Second factor required'],
    ['login', createFailure('too_many_attempts'), 429, 'Too many attempts'],
    ['register', createFailure('too_many_attempts'), 429, 'Too many attempts'],
    ['login', createFailure('internal'), 500, 'Error processing the request']
  ] as const
  for (const [call, failure, status, message] of cases) {
    failing.failure = failure
    const res = await app.inject({ method: 'POST', url: `/api/v1/auth/${call}`, payload: xristos })
    t.same(summarize(res), [status, refuse(message)], `${call} ${failure.code}`)
    t.same(res.cookies, [])
  }
})

t.test('a body without what is needed is told what that is', async (t) => {
  const { app } = await startGateway(t, { natsUrl: nats.url })
  const post = async (call: string, payload: string, type = 'application/json') => {
    const headers = { 'content-type': type }
    return summarize(await app.inject({ method: 'POST', url: `/api/v1/auth/${call}`, payload, headers }))
  }
  const messages = {
    register: 'email, firstnme, lstname, password is required',
    login: 'email and password is required'
  }
  for (const [call, message] of Object.entries(messages)) {
    for (const body of noObjects) t.same(await post(call, body), [400, refuse(message)])
    for (const password of [undefined, null, '', 5]) {
      t.same(await post(call, JSON.stringify({ ...xristos, password })), [400, refuse(message)])
    }
    t.same(await post(call, '{'), [400, refuse('Invalid JSON')])
    t.same(await post(call, '{}', 'text/plain'), [415, refuse('Unsupported media type')])
  }
})

t.test('the header is put back by the gateway, from the keys it knows', async (t) => {
  const { app, key, bearer, signedIn } = await startGateway(t, { natsUrl: nats.url })
  const { user, session } = signedIn
  const ask = async (headers: object) =>
    summarize(await app.inject({ url: '/api/v1/auth/user', headers: { ...headers } }))
  const claims = createClaims({ sub: user.id, sid: session.id })
  const { header, loginInfo, secure, cookie } = split(createToken(key, { claims }))
  const shown = { success: true, email: 'ada@example.com', firstname: 'Ada', lastname: null }
  for (const headers of [{ cookie }, bearer, { ...bearer, cookie: 'login_info=x; secure=y' }]) {
    t.same(await ask(headers), [200, shown])
  }

  const other = split(createToken(key, { claims: createClaims({ sub: user.id, sid: session.id }) }))
  const bad = [
    split(createToken(createKey(key.kid), { claims })).cookie,
    split(createToken(key, { header: { typ: 'JWT' }, claims })).cookie,
    `login_info=${loginInfo}; secure=${other.secure}`,
    `login_info=${other.loginInfo}; secure=${secure}`,
    `login_info=${loginInfo}`,
    `secure=${secure}`,
    `login_info=; secure=${secure}`,
    `login_info=${header}.${loginInfo}; secure=${secure}`,
    `login_info=${loginInfo}.${secure}; secure=`,
    `login_info=${loginInfo}; secure=${secure}; secure=${secure}`,
    `token=${header}.${loginInfo}.${secure}`
  ]
  for (const each of bad) t.same(await ask({ cookie: each }), [401, refuse('Unauthorized')], each.slice(0, 40))
})

t.test('before the keys are known nothing can be said of a token', async (t) => {
  const { app, signedIn } = await startGateway(t, { natsUrl: (await startNats(t)).url, absent: ['session'] })
  const { cookie } = split(signedIn.tokens.accessToken)
  const res = await app.inject({ url: '/api/v1/auth/user', headers: { cookie } })
  t.same(summarize(res), [500, refuse('Error processing the request')])
})

t.test('a key that was published just now is looked for', async (t) => {
  const next = createKey('next-key')
  const published = [createKey('old-key').jwk]
  const { app, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    session: { getKeys: async () => ok({ keys: published }) }
  })
  published.push(next.jwk)
  const { user, session } = signedIn
  const { cookie } = split(createToken(next, { claims: createClaims({ sub: user.id, sid: session.id }) }))
  t.equal((await app.inject({ url: '/api/v1/auth/user', headers: { cookie } })).statusCode, 200)
})

t.test('the live sessions are shown with what each login handed out', async (t) => {
  const asked: unknown[] = []
  const other = { ...createSession('019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b21'), tokenPayload: 'cGF5bG9hZA' }
  const { app, bearer } = await startGateway(t, {
    natsUrl: nats.url,
    session: {
      list: async (request) => {
        asked.push(request)
        return ok({ items: [other], nextCursor: null })
      }
    }
  })
  const res = await app.inject({ url: '/api/v1/auth/user/active-sessions', headers: bearer })
  const { id: _id, createdAt: date } = other
  const shown = { _id, source: 'curl/8', ip: '127.0.0.1', loginInfo: 'cGF5bG9hZA', date }
  t.same(summarize(res), [200, { success: true, activeSessions: [shown] }])
  t.match(asked, [{ state: 'active', tokenPayload: true, cursor: null }])
})

t.test('one of the own sessions is ended by its id; there is none of another', async (t) => {
  const reasons: string[] = []
  const { app, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    session: {
      end: async ({ sessionId, reason, userId }) => {
        reasons.push(reason)
        return sessionId === 'foreign' ? fail('session_not_found') : ok(createSession(userId))
      }
    }
  })
  const { cookie } = split(signedIn.tokens.accessToken)
  const logOut = async (id: string, headers: object = { cookie }) =>
    app.inject({ method: 'POST', url: `/api/v1/auth/user/logout/${id}`, headers: { ...headers } })
  t.same(summarize(await logOut('foreign')), [404, refuse('Error processing the request')])
  for (const id of ['another', signedIn.session.id]) t.same(summarize(await logOut(id)), [200, { success: true }])
  t.same(reasons, ['revoked_by_user', 'revoked_by_user', 'signed_out'])
  t.same(summarize(await logOut('another', {})), [401, refuse('Unauthorized')])
  const foreign = await logOut('another', { cookie, origin: 'https://evil.example' })
  t.equal(foreign.statusCode, 403)
  t.match(foreign.json(), { success: false, message: String })
  t.equal(reasons.length, 3)
})
