import { test } from 'tap'
import { eventually, newEmail, PASSWORD, register, signIn } from '../../src/people.ts'
import { startStack } from '../../src/stack.ts'

const NEW_PASSWORD = 'quite another passphrase'

test('a password change ends every other session and leaves this one', async (t) => {
  const { api } = await startStack(t)
  const email = newEmail()
  const other = (await register(api, email)).body
  const { accessToken: token, refreshToken } = (await signIn(api, email)).body
  const change = (currentPassword: string, newPassword: string) =>
    api('PUT', '/v1/me/password', { token, body: { currentPassword, newPassword } })

  t.match((await change('wrong wrong wrong', NEW_PASSWORD)).body, { status: 403, code: 'wrong_password' })
  t.match((await change(PASSWORD, 'short')).body, { code: 'invalid_request', errors: [{ field: 'newPassword' }] })
  t.equal((await change(PASSWORD, NEW_PASSWORD)).status, 204)

  const refused = await api('GET', '/v1/sessions/current', { token: other.accessToken })
  t.match(refused.body, { code: 'session_ended', reason: 'password_changed' })
  const otherRefresh = await api('POST', '/v1/sessions/refresh', { body: { refreshToken: other.refreshToken } })
  t.match(otherRefresh.body, { code: 'session_ended', reason: 'password_changed' })
  t.equal((await api('GET', '/v1/sessions/current', { token })).status, 200)
  t.equal((await api('POST', '/v1/sessions/refresh', { body: { refreshToken } })).status, 200)

  t.equal((await signIn(api, email)).status, 401)
  const again = await api('POST', '/v1/sessions', { body: { identifier: email, password: NEW_PASSWORD } })
  t.equal(again.status, 201)
})

test('sign-ins with the old password that race its change leave nothing alive', async (t) => {
  const { api } = await startStack(t)
  const email = newEmail()
  const { accessToken: token } = (await register(api, email)).body
  const racing = Array.from({ length: 20 }, () => signIn(api, email))
  const body = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD }
  t.equal((await api('PUT', '/v1/me/password', { token, body })).status, 204)
  const opened = (await Promise.all(racing)).filter(({ status }) => status === 201)
  for (const { body } of opened) {
    t.equal((await api('GET', '/v1/sessions/current', { token: body.accessToken })).status, 401)
  }
  t.equal((await api('GET', '/v1/sessions?state=active', { token })).body.items.length, 1)
})

test('a changed profile is what "who am I" answers from then on', async (t) => {
  const { api } = await startStack(t)
  const { accessToken: token } = (await register(api)).body
  const changed = await api('PATCH', '/v1/me', {
    token,
    body: { firstName: 'Zoë', username: 'zoe.b', mobile: '+4915112345678' }
  })
  t.equal(changed.status, 200)
  t.match(changed.body, { firstName: 'Zoë', username: 'zoe.b', mobile: '+4915112345678' })
  t.match((await api('GET', '/v1/sessions/current', { token })).body.user, { firstName: 'Zoë', username: 'zoe.b' })
  t.match((await api('GET', '/v1/me', { token })).body, { firstName: 'Zoë', lastName: null })

  for (const identifier of ['ZOE.B', '4915112345678', '+4915112345678']) {
    const answer = await api('POST', '/v1/sessions', { body: { identifier, password: PASSWORD } })
    t.equal(answer.status, 201, identifier)
  }
})

test('an identifier somebody else has is refused, by its field', async (t) => {
  const { api } = await startStack(t)
  const email = newEmail()
  await register(api, email)
  const taken = await register(api, email.toUpperCase())
  t.match(taken.body, { status: 409, code: 'identifier_taken' })
  const { accessToken: token } = (await register(api)).body
  t.match((await api('PATCH', '/v1/me', { token, body: { email } })).body, { status: 409, code: 'identifier_taken' })
})

test('twenty parallel registrations of one address make one user', async (t) => {
  const { api } = await startStack(t)
  const email = newEmail()
  const answers = await Promise.all(Array.from({ length: 20 }, () => register(api, email)))
  const statuses = answers.map(({ status }) => status)
  t.equal(statuses.filter((status) => status === 201).length, 1)
  t.equal(statuses.filter((status) => status === 409).length, 19)
})

test('the timeline tells what happened, newest first, and pages', async (t) => {
  const { api } = await startStack(t)
  const email = newEmail()
  await register(api, email)
  await api('POST', '/v1/sessions', { body: { identifier: email, password: 'not this one' } })
  const { accessToken: token, session } = (await signIn(api, email, { userAgent: 'curl/8.5.0' })).body
  await api('DELETE', '/v1/sessions?except=current', { token })

  const kinds = ['session_ended', 'new_device', 'signed_in', 'sign_in_failed', 'signed_in', 'user_registered']
  const timeline = await eventually(
    () => api('GET', '/v1/me/activity', { token }),
    ({ body }) => body.items?.length === kinds.length
  )
  t.match(timeline.body.status, { state: 'active', blockedUntil: null, reason: null })
  t.same(timeline.body.items.map(({ kind }: { kind: string }) => kind).sort(), [...kinds].sort())
  t.equal(timeline.body.items.at(-1).kind, 'user_registered')
  const filtered = (await api('GET', '/v1/me/activity?kind=signed_in', { token })).body.items
  t.equal(filtered[0].sessionId, session.id)
  t.equal(filtered.length, 2)

  const firstPage = (await api('GET', '/v1/me/activity?limit=4', { token })).body
  const rest = (await api('GET', `/v1/me/activity?limit=4&cursor=${firstPage.nextCursor}`, { token })).body
  t.same([...firstPage.items, ...rest.items], timeline.body.items)
  t.equal(rest.nextCursor, null)
})
