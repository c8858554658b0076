import { test } from 'tap'
import type { Answer } from '../../src/http.ts'
import { eventually, newEmail } from '../../src/people.ts'
import { startStack } from '../../src/stack.ts'
import { cookiesOf, newMobile, newUsername, registerJohn, SECRET } from './people.ts'
import { readMessage } from './refusals.ts'

test('a failing store is each dialect’s documented 500, never a hang, and passes by itself', async (t) => {
  const { api, redis, nats } = await startStack(t)
  const [email, username, mobile] = [newEmail(), newUsername(), newMobile()]
  const { token } = (await registerJohn(api, email)).body
  await api('POST', '/register', { body: { username, password: SECRET } })
  const { user } = (await api('POST', '/createUser', { body: { mobile, username } })).body
  const credentials = { email, password: SECRET }
  const fullname = { firstname: 'John', lastname: 'Doe' }

  const lowerCase = { message: 'Internal server error' }
  const titleCase = { message: 'Internal Server Error' }
  const failed = { success: false, message: 'Error processing the request' }
  const asks: readonly (readonly [method: string, path: string, init: object, expected: object | undefined])[] = [
    ['POST', '/api/login', { body: credentials }, lowerCase],
    ['GET', '/api/activity', { token }, lowerCase],
    ['POST', '/users/register', { body: { fullname, ...credentials, email: newEmail() } }, titleCase],
    ['POST', '/users/login', { body: credentials }, titleCase],
    ['GET', '/users/profile', { headers: { cookie: `token=${token}` } }, titleCase],
    ['POST', '/users/logout', { headers: { cookie: `token=${token}` } }, titleCase],
    ['POST', '/api/v1/auth/register', { body: { ...fullname, ...credentials, email: newEmail() } }, failed],
    ['POST', '/api/v1/auth/login', { body: credentials }, failed],
    ['GET', '/api/v1/auth/user', { headers: cookiesOf(token) }, failed],
    ['GET', '/api/v1/auth/user/active-sessions', { headers: cookiesOf(token) }, failed],
    ['POST', '/api/v1/auth/user/logout/x', { headers: cookiesOf(token) }, failed],
    ['POST', '/register', { body: { username: newUsername(), password: SECRET } }, { message: 'Registration failed' }],
    ['POST', '/login', { body: { username, password: SECRET } }, titleCase],
    ['POST', '/login', { body: { mobile, username } }, undefined],
    ['GET', `/user/${mobile}`, {}, undefined],
    ['POST', '/createUser', { body: { mobile: newMobile(), username } }, undefined],
    ['POST', '/invalidateSession', { body: { sessionKey: user.activeSession } }, undefined]
  ]
  const ask = ([method, path, init]: (typeof asks)[number]) => api(method, path, init)
  const works = ({ status }: Answer) => status === 200

  // Registration by dialect 4 opens no session, so it needs the bus, but not Redis.
  for (const [name, store] of Object.entries({ redis, nats })) {
    await t.test(name, async (t) => {
      await store.kill()
      const answers = await Promise.all(asks.map(ask))
      for (const [index, [method, path, , expected]] of asks.entries()) {
        const answer = answers[index]
        if (answer === undefined || (name === 'redis' && path === '/register')) continue
        t.equal(answer.status, 500, `${method} ${path}`)
        if (expected !== undefined) t.strictSame(answer.body, expected, `${method} ${path}`)
        else t.type(readMessage(answer), 'string', `${method} ${path}`)
      }
      await store.restart()
      t.equal((await eventually(() => api('GET', '/api/activity', { token }), works)).status, 200)
      t.equal((await eventually(() => api('POST', '/users/login', { body: credentials }), works)).status, 200)
    })
  }
})
