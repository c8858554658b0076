import { test } from 'tap'
import { eventually, newEmail, PASSWORD, register, signIn } from '../../src/people.ts'
import { startStack } from '../../src/stack.ts'

/** Two seconds of silence block for a little over a second. */
const windows = { USER_ACTIVITY_EXPIRATION: '2', USER_BLOCKING: '0.02' }

test('a silent user is blocked at the next request, is told until when, and is free again afterwards', async (t) => {
  const { api } = await startStack(t, windows)
  const email = newEmail()
  const { accessToken: token, refreshToken } = (await register(api, email)).body
  const { activeUntil } = (await api('GET', '/v1/me/activity', { token })).body.status
  await eventually(
    async () => Date.now(),
    (now) => now > Date.parse(activeUntil) + 50
  )

  const blocked = await api('GET', '/v1/sessions/current', { token })
  t.equal(blocked.status, 403)
  t.match(blocked.body, { code: 'user_blocked', reason: 'inactivity', blockedUntil: String })
  t.match(blocked.headers.get('retry-after'), /^[12]$/)
  const again = await api('GET', '/v1/me', { token })
  t.equal(again.body.blockedUntil, blocked.body.blockedUntil, 'asking does not prolong the block')

  t.match((await signIn(api, email)).body, { status: 403, code: 'user_blocked' })
  const wrong = await api('POST', '/v1/sessions', { body: { identifier: email, password: `${PASSWORD}?` } })
  t.match(wrong.body, { status: 401, code: 'invalid_credentials' })
  const refreshed = await api('POST', '/v1/sessions/refresh', { body: { refreshToken } })
  t.match(refreshed.body, { status: 403, code: 'user_blocked' })

  const free = await eventually(
    () => api('GET', '/v1/sessions/current', { token }),
    ({ status }) => status === 200
  )
  t.equal(free.status, 200)
  t.ok(Date.now() >= Date.parse(blocked.body.blockedUntil))
})

test('fifty parallel requests after the silence begin one block', async (t) => {
  const { api } = await startStack(t, windows)
  const { accessToken: token } = (await register(api)).body
  const { activeUntil } = (await api('GET', '/v1/me/activity', { token })).body.status
  await eventually(
    async () => Date.now(),
    (now) => now > Date.parse(activeUntil) + 50
  )
  const answers = await Promise.all(Array.from({ length: 50 }, () => api('GET', '/v1/sessions/current', { token })))
  t.same([...new Set(answers.map(({ status }) => status))], [403])
  t.equal(new Set(answers.map(({ body }) => body.blockedUntil)).size, 1)
})
