import { execFile } from 'node:child_process'
import process from 'node:process'
import { promisify } from 'node:util'
import { t as root, test } from 'tap'
import { getSetCookie, isCleared } from '../../src/cookies.ts'
import { nodeArguments } from '../../src/environment.ts'
import { eventually, newEmail } from '../../src/people.ts'
import { startStack } from '../../src/stack.ts'
import { alterSignature, decodePart, encodePart, listBadAuthorizations, splitToken } from '../../src/tokens.ts'
import { authenticatedRoutes, cookiesOf, emailDoors, presentCookies, registerJohn, SECRET } from './people.ts'
import { readFirstError } from './refusals.ts'
import { openSplitTokenDoor } from './split-token-door.ts'

const NO_TOKEN = { message: 'Unauthorized: No token provided' }
const BAD_TOKEN = { message: 'Unauthorized: Invalid token' }
const UNAUTHORIZED = { success: false, message: 'Unauthorized' }

const { api, environment } = await startStack(root, { KEY_PUBLISH_DELAY: '0' })
const profile = (headers: Record<string, string>) => api('GET', '/users/profile', { headers })
const login = (email: string) => api('POST', '/api/v1/auth/login', { body: { email, password: SECRET } })
const { getUser, listSessions, logout, registered } = openSplitTokenDoor(api)

test('dialect 3: neither part works alone, changed, or with the other part of another token', async (t) => {
  const mine = await registered()
  const { sessionData: other } = (await login(mine.email)).body
  const { loginInfo, secure } = mine.sessionData
  const { header } = splitToken(await emailDoors.activity(api, mine.email))
  const stranger = decodePart((await registered()).sessionData.loginInfo).sub
  const promoted = encodePart({ ...decodePart(loginInfo), sub: stranger })
  const tampered = [
    { loginInfo, secure: other.secure },
    { loginInfo: other.loginInfo, secure },
    { loginInfo: promoted, secure },
    { loginInfo: encodePart({ ...decodePart(loginInfo), exp: 4e9 }), secure },
    { loginInfo, secure: alterSignature(secure) },
    { loginInfo, secure: '' },
    { loginInfo: '', secure },
    { loginInfo: `${header}.${loginInfo}`, secure },
    { loginInfo: `${encodePart({ alg: 'none', typ: 'at+jwt' })}.${promoted}`, secure: '' },
    { loginInfo, secure: `.${secure}` },
    { loginInfo: `${loginInfo}.${secure}`, secure: '' },
    { loginInfo: 'x', secure: 'y' }
  ]
  for (const each of tampered) {
    const answer = await getUser(presentCookies(each))
    t.equal(answer.status, 401, JSON.stringify(each))
    t.strictSame(answer.body, UNAUTHORIZED)
  }
  for (const cookie of [`login_info=${loginInfo}`, `secure=${secure}`, `token=${header}.${loginInfo}.${secure}`]) {
    t.strictSame((await getUser({ cookie })).body, UNAUTHORIZED)
  }
  for (const answer of [await getUser({}), await listSessions({}), await logout(other.clientId, {})]) {
    t.equal(answer.status, 401)
    t.strictSame(answer.body, UNAUTHORIZED)
  }
  t.equal((await getUser(mine.cookies)).status, 200, 'untouched')
})

test('dialect 3: its routes take a Bearer token too, and any token of the platform by its parts', async (t) => {
  const { email } = await registered()
  const token = await emailDoors.activity(api, email)
  const ask = (headers: Record<string, string>) => Promise.all([getUser(headers), listSessions(headers)])
  for (const headers of [{ authorization: `Bearer ${token}` }, cookiesOf(token)]) {
    t.strictSame(
      (await ask(headers)).map(({ status }) => status),
      [200, 200]
    )
  }
  t.equal((await getUser({ authorization: 'Bearer a.b.c' })).status, 401)
})

test('dialect 3: cookies stay good when the next signing key takes over', async (t) => {
  const { email, cookies } = await registered()
  const kidOf = (token: string) => decodePart(splitToken(token).header).kid
  const kid = kidOf(await emailDoors.activity(api, email))
  await promisify(execFile)(process.execPath, [...nodeArguments('session', 'keys-generate'), '--rotate'], {
    env: environment
  })
  const token = await eventually(
    () => emailDoors.activity(api, email),
    (each) => kidOf(each) !== kid
  )
  t.not(kidOf(token), kid)
  t.equal((await getUser(cookies)).status, 200, 'signed by the earlier key')
  const byNewKey = await eventually(
    () => getUser(cookiesOf(token)),
    ({ status }) => status === 200
  )
  t.equal(byNewKey.status, 200, 'signed by the new one, which the gateway learns of')
})

test('dialect 2: the header wins over the cookie; none and a bad one are told apart', async (t) => {
  const { token } = (await registerJohn(api, newEmail())).body
  const other = (await registerJohn(api, newEmail())).body
  for (const path of ['/users/profile', '/users/logout'] as const) {
    const ask = (headers: Record<string, string>) => api(path === '/users/profile' ? 'GET' : 'POST', path, { headers })
    for (const headers of [{}, { cookie: 'theme=dark' }]) {
      const answer = await ask(headers)
      t.equal(answer.status, 401)
      t.strictSame(answer.body, NO_TOKEN)
    }
    for (const value of ['x', 'a.b.c', `${token}x`]) {
      const answer = await ask({ cookie: `token=${value}` })
      t.equal(answer.status, 401)
      t.strictSame(answer.body, BAD_TOKEN)
    }
    const both = await ask({ authorization: 'Bearer a.b.c', cookie: `token=${token}` })
    t.equal(both.status, 401)
    t.strictSame(both.body, BAD_TOKEN)
  }
  for (const authorization of listBadAuthorizations(token)) {
    const answer = await profile({ authorization })
    t.equal(answer.status, 401, authorization)
    t.ok([NO_TOKEN.message, BAD_TOKEN.message].includes(answer.body.message), authorization)
  }
  const both = await profile({ authorization: `Bearer ${other.token}`, cookie: `token=${token}` })
  t.equal(both.body._id, other.user._id)
  t.equal((await profile({ authorization: `Bearer ${other.token}`, cookie: 'token=x' })).status, 200)
})

for (const by of ['cookie', 'header'] as const) {
  test(`dialect 2: logging out by ${by} clears the cookie and ends the token everywhere`, async (t) => {
    const { token } = (await registerJohn(api, newEmail())).body
    const headers: Record<string, string> =
      by === 'cookie' ? { cookie: `token=${token}` } : { authorization: `Bearer ${token}` }
    const answer = await api('POST', '/users/logout', { headers })
    t.equal(answer.status, 200)
    const cookie = getSetCookie(answer, 'token')
    t.ok(isCleared(cookie))
    t.ok(cookie.attributes.includes('path=/'), 'else another cookie would be cleared')

    for (const { path, refusal } of authenticatedRoutes) {
      const refused = await api('GET', path, { token })
      t.equal(refused.status, 401, path)
      t.has(refused.body, refusal, path)
    }
    const again = await api('POST', '/users/logout', { headers })
    t.equal(again.status, 401)
    t.strictSame(again.body, BAD_TOKEN)
  })
}

test('dialect 2: no other site can log a visitor out by their cookie', async (t) => {
  const { token } = (await registerJohn(api, newEmail())).body
  const headers = { cookie: `token=${token}`, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
  const refused = await api('POST', '/users/logout', { headers })
  t.equal(refused.status, 403)
  t.type(readFirstError(refused), 'string')
  t.equal((await profile({ cookie: `token=${token}` })).status, 200)
})
