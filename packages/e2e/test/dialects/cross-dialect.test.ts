import { t as root, test } from 'tap'
import type { Answer } from '../../src/http.ts'
import { newEmail } from '../../src/people.ts'
import { startStack } from '../../src/stack.ts'
import { decodePart, splitToken } from '../../src/tokens.ts'
import {
  authenticatedRoutes,
  cookiesOf,
  emailDoorNames,
  emailDoors,
  newMobile,
  newUsername,
  registerJohn,
  registerXristos,
  SECRET,
  sessionIdOf,
  xristos
} from './people.ts'

/** Each dialect's routes. */
const routes = {
  activity: ['post /api/login', 'get /api/activity'],
  'device-sessions': ['post /createUser', 'get /user/{mobile}', 'post /login', 'post /invalidateSession'],
  users: ['post /users/register', 'post /users/login', 'get /users/profile', 'post /users/logout'],
  'split-token': [
    'post /api/v1/auth/register',
    'post /api/v1/auth/login',
    'get /api/v1/auth/user',
    'get /api/v1/auth/user/active-sessions',
    'post /api/v1/auth/user/logout/{id}'
  ],
  credentials: ['post /register', 'post /login']
} as const

const { api } = await startStack(root)
const signInByAll = (email: string) => Promise.all(emailDoorNames.map((door) => emailDoors[door](api, email)))
const me = async (token: string) => (await api('GET', '/v1/me', { token })).body

test('who registers by one signs in by every other, as the same user', async (t) => {
  const email = newEmail()
  const { user } = (await registerJohn(api, email)).body
  const profiles = await Promise.all((await signInByAll(email)).map(me))
  t.strictSame([...new Set(profiles.map(({ id }) => id))], [user._id])
  t.equal(new Set(profiles.map(({ number }) => number)).size, 1)
  t.match(profiles[0], { email, firstName: 'John', lastName: 'Doe', role: 'user' })

  const split = newEmail()
  await registerXristos(api, split)
  const token = await emailDoors.users(api, split)
  t.strictSame((await api('GET', '/users/profile', { token })).body.fullname, xristos)

  const v1 = newEmail()
  await api('POST', '/v1/users', { body: { email: v1, password: SECRET } })
  for (const each of await signInByAll(v1)) t.equal((await me(each)).email, v1)
})

test('a token of any opens the routes of all', async (t) => {
  const email = newEmail()
  await registerJohn(api, email)
  for (const [index, token] of (await signInByAll(email)).entries()) {
    for (const { path } of authenticatedRoutes) {
      t.equal((await api('GET', path, { token })).status, 200, `${emailDoorNames[index]} at ${path}`)
    }
    t.equal((await api('GET', '/api/v1/auth/user', { headers: cookiesOf(token) })).status, 200)
    t.equal((await api('GET', '/users/profile', { headers: { cookie: `token=${token}` } })).status, 200)
  }
})

test('a session that ends by any door is over at every door', async (t) => {
  const email = newEmail()
  await registerJohn(api, email)
  const ends: readonly ((token: string) => Promise<Answer>)[] = [
    (token) => api('POST', '/users/logout', { token }),
    (token) => api('POST', '/users/logout', { headers: { cookie: `token=${token}` } }),
    (token) => api('POST', `/api/v1/auth/user/logout/${sessionIdOf(token)}`, { headers: cookiesOf(token) }),
    (token) => api('POST', '/invalidateSession', { body: { sessionKey: sessionIdOf(token) } }),
    (token) => api('DELETE', '/v1/sessions/current', { token })
  ]
  const survivor = await emailDoors.users(api, email)
  for (const end of ends) {
    for (const token of await signInByAll(email)) {
      t.equal((await api('GET', '/v1/sessions/current', { token })).status, 200)
      const { status } = await end(token)
      t.ok(status === 200 || status === 204, String(status))
      for (const { path, refusal } of authenticatedRoutes) {
        const refused = await api('GET', path, { token })
        t.equal(refused.status, 401, path)
        t.has(refused.body, refusal, path)
      }
      t.equal((await api('GET', '/api/v1/auth/user', { headers: cookiesOf(token) })).status, 401)
      t.equal((await api('GET', '/users/profile', { headers: { cookie: `token=${token}` } })).status, 401)
    }
  }
  t.equal((await api('GET', '/api/activity', { token: survivor })).status, 200, 'another session goes on')
})

test('sessions opened by any are listed by /v1 and by dialect 3', async (t) => {
  const email = newEmail()
  const { token: first } = (await registerJohn(api, email)).body
  const tokens = [first, ...(await signInByAll(email))]
  const ids = tokens.map(sessionIdOf)
  const { items } = (await api('GET', '/v1/sessions?state=active', { token: first })).body
  const { activeSessions } = (await api('GET', '/api/v1/auth/user/active-sessions', { token: first })).body
  // The door of dialect 3 asks dialect 0 for the header of its token, which opens one session more.
  for (const id of ids) t.ok(items.some((item: { id: string }) => item.id === id))
  t.strictSame(
    activeSessions.map(({ _id }: { _id: string }) => _id).sort(),
    items.map(({ id }: { id: string }) => id).sort()
  )
  for (const token of tokens) {
    const listed = activeSessions.find(({ _id }: { _id: string }) => _id === sessionIdOf(token))
    t.equal(listed.loginInfo, splitToken(token).payload)
  }
  t.equal((await api('DELETE', '/v1/sessions?except=current', { token: first })).status, 200)
  for (const token of tokens.slice(1)) t.equal((await api('GET', '/api/activity', { token })).status, 401)
})

test('the number of a user stays the same, whichever door and identifier', async (t) => {
  const username = newUsername()
  const { user_id } = (await api('POST', '/register', { body: { username, password: SECRET } })).body
  const login = () => api('POST', '/login', { body: { username, password: SECRET } })
  const token = (await login()).headers.get('authorization')?.slice('Bearer '.length) ?? ''
  t.equal((await me(token)).number, user_id)

  const email = newEmail()
  const mobile = newMobile()
  const added = await api('PATCH', '/v1/me', { token, body: { email, mobile, firstName: 'Savings' } })
  t.equal(added.status, 200)
  for (const each of await signInByAll(email)) t.equal((await me(each)).number, user_id)
  t.strictSame((await login()).body, { user_id })
  t.equal((await api('GET', `/user/${mobile}`)).body.user_name, 'Savings')
  const next = await api('POST', '/register', { body: { username: newUsername(), password: SECRET } })
  t.ok(next.body.user_id > user_id)
})

test('a login by mobile ends the sessions of all other doors', async (t) => {
  const [email, mobile] = [newEmail(), newMobile()]
  const { accessToken } = (await api('POST', '/v1/users', { body: { email, mobile, password: SECRET } })).body
  const tokens = [accessToken, ...(await signInByAll(email))]
  t.equal((await api('PATCH', '/v1/me', { token: accessToken, body: { firstName: 'Savings' } })).status, 200)
  const { body } = await api('POST', '/login', { body: { mobile, username: 'Savings' } })
  t.match(body.message, 'There is already a session')
  for (const token of tokens) t.equal((await api('GET', '/users/profile', { token })).status, 401)
  const ended = await api('GET', '/v1/sessions/current', { token: accessToken })
  t.match(ended.body, { code: 'session_ended', reason: 'replaced' })
  const token = await emailDoors.activity(api, email)
  const keys = (await api('GET', '/v1/sessions?state=active', { token })).body.items.map(({ id }: { id: string }) => id)
  t.ok(keys.includes(body.user.activeSession))
})

test('who was registered without a password signs in with none', async (t) => {
  const mobile = newMobile()
  await api('POST', '/createUser', { body: { mobile, username: 'SavingsBank' } })
  for (const password of ['SavingsBank', mobile, 'null', 'undefined', 'password']) {
    const answer = await api('POST', '/v1/sessions', { body: { identifier: mobile, password } })
    t.equal(answer.status, 401)
    t.equal(answer.body.code, 'invalid_credentials')
  }
  const byName = await api('POST', '/login', { body: { username: 'SavingsBank', password: 'SavingsBank' } })
  t.equal(byName.status, 401)
})

test('a token of a dialect lives as long as its session', async (t) => {
  const { token } = (await registerJohn(api, newEmail())).body
  const { session } = (await api('GET', '/v1/sessions/current', { token })).body
  const { exp, sid } = decodePart(splitToken(token).payload)
  t.equal(sid, session.id)
  t.equal(exp, Math.floor(Date.parse(session.expiresAt) / 1000))
})

test('shapes do not leak from one to another, nor into /v1', async (t) => {
  for (const path of ['/v1/users', '/v1/sessions', '/nowhere', '/api/nowhere']) {
    const answer = await api('POST', path, { body: '{' })
    t.match(answer.headers.get('content-type'), 'application/problem+json', path)
  }
  const email = newEmail()
  await registerJohn(api, email)
  const login = await api('POST', '/api/login', { body: { email, password: SECRET } })
  t.match(login.headers.get('cache-control'), 'no-store', 'an answer that carries a token')
  t.strictSame(login.headers.getSetCookie(), [])
  t.equal(login.headers.get('authorization'), null)
})

test('each has its tag and its examples in the OpenAPI document', async (t) => {
  const { paths } = (await api('GET', '/openapi.json')).body
  const tags = Object.entries(routes).map(([name, operations]) => {
    const found: string[][] = operations.map((operation) => {
      const [method = '', path = ''] = operation.split(' ')
      const { tags: own = [], responses } = paths[path]?.[method] ?? {}
      t.match(JSON.stringify(responses), /"examples?"/, operation)
      return own
    })
    const [shared, ...others] = (found[0] ?? []).filter((tag) => found.every((each) => each.includes(tag)))
    t.ok(shared !== undefined && others.length === 0, `${name} has one tag`)
    return shared
  })
  t.equal(new Set(tags).size, tags.length)
})
