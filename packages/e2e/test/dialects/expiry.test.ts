import { test } from 'tap'
import { eventually, newEmail } from '../../src/people.ts'
import { startStack } from '../../src/stack.ts'
import { authenticatedRoutes, cookiesOf, newMobile, registerJohn } from './people.ts'

test('when a session has reached its end, so has its token, at every door', async (t) => {
  const { api } = await startStack(t, { SESSION_TTL: '3', SESSION_IDLE_TTL: '3', ACCESS_TOKEN_TTL: '2' })
  const mobile = newMobile()
  t.equal((await api('POST', '/createUser', { body: { mobile, username: 'SavingsBank' } })).status, 201)
  const { token } = (await registerJohn(api, newEmail())).body
  const { session } = (await api('GET', '/v1/sessions/current', { token })).body
  await eventually(
    async () => Date.now(),
    (now) => now > Date.parse(session.expiresAt) + 1000
  )
  for (const { path, refusal } of authenticatedRoutes) {
    const answer = await api('GET', path, { token })
    t.equal(answer.status, 401, path)
    if (!path.startsWith('/v1')) t.strictSame(answer.body, refusal, path)
  }
  const byCookie = await api('GET', '/users/profile', { headers: { cookie: `token=${token}` } })
  t.strictSame(byCookie.body, { message: 'Unauthorized: Invalid token' })
  t.equal((await api('GET', '/api/v1/auth/user', { headers: cookiesOf(token) })).status, 401)

  const { activeSession, sessions } = (await api('GET', `/user/${mobile}`)).body
  t.equal(activeSession, null)
  t.strictSame(
    sessions.map(({ isValid }: { isValid: boolean }) => isValid),
    [false]
  )
  const { body } = await api('POST', '/login', { body: { mobile, username: 'SavingsBank' } })
  t.equal(body.message, 'Login successful', 'none was live')
})
