import { t as root, test } from 'tap'
import { getSetCookie, listSetCookies } from '../../src/cookies.ts'
import type { Answer } from '../../src/http.ts'
import { newEmail } from '../../src/people.ts'
import { startStack } from '../../src/stack.ts'
import { decodePart } from '../../src/tokens.ts'
import { testInput } from './input.ts'
import { presentCookies, registerXristos, SECRET, xristos } from './people.ts'
import { readFailure } from './refusals.ts'
import { openSplitTokenDoor } from './split-token-door.ts'

const fail = (message: string) => ({ success: false, message })
const REGISTER_REQUIRED = fail('email, firstnme, lstname, password is required')
const LOGIN_REQUIRED = fail('email and password is required')
const UNAUTHORIZED = fail('Unauthorized')
const NO_SUCH_SESSION = fail('Error processing the request')

const createXristos = (email = newEmail()) => ({ email, ...xristos, password: SECRET })

interface ListedSession {
  readonly _id: string
  readonly source: string
  readonly loginInfo: string
}

const { api } = await startStack(root)
const register = (body: unknown, headers = {}) => api('POST', '/api/v1/auth/register', { body, headers })
const login = (body: unknown, headers = {}) => api('POST', '/api/v1/auth/login', { body, headers })
const { getUser, listSessions, logout, registered } = openSplitTokenDoor(api)

test('the calls of its document give the documented answers', async (t) => {
  const credentials = { email: 'testemail@gmail.com', password: 'rootIsAStrongestPassword' }
  const first = await register({ ...credentials, ...xristos })
  t.equal(first.status, 200)
  t.strictSame(Object.keys(first.body), ['success', 'userData', 'sessionData', 'quote'])
  t.strictSame(first.body.userData, { email: 'testemail@gmail.com', ...xristos })
  t.equal(first.body.success, true)
  t.match(first.body.quote, /\w+ .*\w/)

  const headers = { 'user-agent': 'insomnia/2021.4.0' }
  const second = await login(credentials, headers)
  t.equal(second.status, 200)
  t.strictSame(Object.keys(second.body), ['success', 'sessionData', 'quote'])
  t.strictSame(Object.keys(second.body.sessionData), ['loginInfo', 'secure', 'clientId'])
  t.equal(second.body.success, true)

  const cookies = presentCookies(second.body.sessionData)
  const user = await getUser(cookies)
  t.equal(user.status, 200)
  t.strictSame(user.body, { success: true, email: 'testemail@gmail.com', ...xristos })

  const { status, body } = await listSessions(cookies)
  t.equal(status, 200)
  t.strictSame(Object.keys(body), ['success', 'activeSessions'])
  const { clientId, loginInfo } = second.body.sessionData
  const own = body.activeSessions.find(({ _id }: ListedSession) => _id === clientId)
  t.strictSame(Object.keys(own), ['_id', 'source', 'ip', 'loginInfo', 'date'])
  t.strictSame([own.source, own.loginInfo], ['insomnia/2021.4.0', loginInfo])
  t.match(own.ip, /^(::ffff:)?127\.0\.0\.1$/)
  t.match(own.date, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

  const loggedOut = await logout(clientId, cookies)
  t.equal(loggedOut.status, 200)
  t.strictSame(loggedOut.body, { success: true })
  const over = await getUser(cookies)
  t.equal(over.status, 401)
  t.strictSame(over.body, UNAUTHORIZED)

  const incomplete = await register(credentials)
  t.equal(incomplete.status, 400)
  t.strictSame(incomplete.body, REGISTER_REQUIRED)
  const taken = await register({ ...credentials, ...xristos })
  t.equal(taken.status, 409)
  t.strictSame(taken.body, fail('User exist'))
  const noPassword = await login({ email: 'testemail@gmail.com' })
  t.equal(noPassword.status, 400)
  t.strictSame(noPassword.body, LOGIN_REQUIRED)
})

test('both parts come as cookies too, and the signature is out of reach of scripts', async (t) => {
  const email = newEmail()
  for (const answer of [await register(createXristos(email)), await login({ email, password: SECRET })]) {
    const { loginInfo, secure, clientId } = answer.body.sessionData
    const info = getSetCookie(answer, 'login_info')
    const signature = getSetCookie(answer, 'secure')
    t.strictSame([info.value, signature.value], [loginInfo, secure])
    t.ok(signature.attributes.includes('httponly'))
    t.notOk(info.attributes.includes('httponly'), 'a client reads its payload')
    for (const { attributes } of [info, signature]) {
      for (const attribute of ['path=/', 'samesite=lax']) t.ok(attributes.includes(attribute), attribute)
      t.notOk(attributes.includes('secure'), 'the site is not https here')
    }
    t.equal(decodePart(loginInfo).sid, clientId)
    t.notOk(`${loginInfo}${secure}`.includes('.'), 'no part carries the header')
    t.equal(Buffer.from(secure, 'base64url').length, 256, 'RS256 with a key of 2048 bits')
  }
  t.strictSame(listSetCookies(await login({ email, password: 'wrong' })), [])
})

test('what registration and login refuse', async (t) => {
  for (const email of ['user', 'user@', '@example.com', 'a b@example.com', `${'a'.repeat(300)}@example.com`]) {
    for (const answer of [await register(createXristos(email)), await login({ email, password: SECRET })]) {
      t.equal(answer.status, 400, email)
      t.strictSame(answer.body, fail('Invalid email format'))
    }
  }
  for (const password of ['12345', '\u{1f511}'.repeat(5)]) {
    const answer = await register({ ...createXristos(), password })
    t.equal(answer.status, 400)
    t.strictSame(answer.body, fail('Password must be at least 6 characters long'))
  }
  for (const change of [{ password: 'x'.repeat(5000) }, { firstname: 'x'.repeat(5000) }]) {
    const answer = await register({ ...createXristos(), ...change })
    t.equal(answer.status, 400)
    t.type(readFailure(answer), 'string')
  }
  const { email } = await registered()
  t.equal((await register(createXristos(email.toUpperCase()))).status, 409)
  for (const body of [
    { email, password: 'wrong' },
    { email, password: 'x'.repeat(9000) },
    { email: newEmail(), password: SECRET }
  ]) {
    const answer = await login(body)
    t.equal(answer.status, 401)
    t.strictSame(answer.body, fail('Incorrect email or password'))
  }
})

test('names may be written in any script', async (t) => {
  const names = { firstname: '\u039e\u03c1\u03ae\u03c3\u03c4\u03bf\u03c2', lastname: '\u5f35 O\u2019Neil' }
  const answer = await register({ ...createXristos(), ...names })
  t.match(answer.body.userData, names)
  t.match((await getUser(presentCookies(answer.body.sessionData))).body, names)
})

test('active sessions are the live ones, each with what its login handed out', async (t) => {
  const { email, sessionData, cookies } = await registered()
  const { sessionData: phone } = (await login({ email, password: SECRET }, { 'user-agent': 'phone' })).body
  const expected = (...sessions: { clientId: string; loginInfo: string }[]) =>
    sessions.map(({ clientId, loginInfo }) => [clientId, loginInfo]).sort()
  const listed = ({ body }: Answer) =>
    body.activeSessions.map(({ _id, loginInfo }: ListedSession) => [_id, loginInfo]).sort()
  t.strictSame(listed(await listSessions(cookies)), expected(sessionData, phone))
  const text = JSON.stringify((await listSessions(cookies)).body)
  t.notOk(text.includes(sessionData.secure) || text.includes(phone.secure))

  t.equal((await logout(phone.clientId, cookies)).status, 200)
  t.strictSame(listed(await listSessions(cookies)), expected(sessionData))
  t.strictSame((await getUser(presentCookies(phone))).body, UNAUTHORIZED)
  const again = await logout(phone.clientId, cookies)
  t.equal(again.status, 200)
  t.strictSame(again.body, { success: true })
})

test('nobody logs out what is not theirs', async (t) => {
  const { cookies } = await registered()
  const foreign = await registered()
  for (const id of [foreign.sessionData.clientId, '60eb19f05e1f6c05c43f441a', '*', '%00', '..', 'x'.repeat(100)]) {
    const answer = await logout(encodeURIComponent(id), cookies)
    t.equal(answer.status, 404, id)
    if (id !== '..') t.strictSame(answer.body, NO_SUCH_SESSION, id)
  }
  t.equal((await getUser(foreign.cookies)).status, 200)
  const headers = { ...cookies, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
  const bySite = await logout(foreign.sessionData.clientId, headers)
  t.equal(bySite.status, 403, 'another site is refused')
  t.type(readFailure(bySite), 'string')
})

testInput(api, {
  path: '/api/v1/auth/register',
  prepare: async () => createXristos,
  accepted: 200,
  required: {
    email: REGISTER_REQUIRED,
    firstname: REGISTER_REQUIRED,
    lastname: REGISTER_REQUIRED,
    password: REGISTER_REQUIRED
  },
  readRefusal: readFailure
})
testInput(api, {
  path: '/api/v1/auth/login',
  prepare: async () => {
    const email = newEmail()
    await registerXristos(api, email)
    return () => ({ email, password: SECRET })
  },
  accepted: 200,
  required: { email: LOGIN_REQUIRED, password: LOGIN_REQUIRED },
  readRefusal: readFailure
})
