import { test } from 'tap'
import { newEmail, PASSWORD, register, signIn } from '../../src/people.ts'
import { startStack } from '../../src/stack.ts'

test('a person signs up, signs in from a second device, and ends the first session from there', async (t) => {
  const { api } = await startStack(t)
  const email = newEmail()

  const first = await register(api, email, { 'user-agent': 'Mozilla/5.0 (Macintosh) Chrome/130.0 Safari/537.36' })
  t.equal(first.status, 201)
  t.match(first.body, { user: { email, number: 1, role: 'user', emailVerified: false }, notices: [] })
  t.match(first.body.session, { current: true, state: 'active', method: 'password', endReason: null })
  const { accessToken: firstToken, session: firstSession } = first.body

  const second = await signIn(api, email, { userAgent: 'curl/8.5.0' })
  t.equal(second.status, 201)
  const { accessToken: secondToken, session: secondSession } = second.body
  const notice = second.body.notices.find(({ type }: { type: string }) => type === 'concurrent_sessions')
  t.same(
    notice.sessions.map(({ id }: { id: string }) => id),
    [firstSession.id]
  )
  t.ok(second.body.notices.some(({ type }: { type: string }) => type === 'new_device'))

  const list = await api('GET', '/v1/sessions', { token: secondToken })
  t.same(
    list.body.items.map(({ id, current }: { id: string; current: boolean }) => [id, current]),
    [
      [secondSession.id, true],
      [firstSession.id, false]
    ]
  )

  t.equal((await api('DELETE', `/v1/sessions/${firstSession.id}`, { token: secondToken })).status, 204)
  t.equal((await api('DELETE', `/v1/sessions/${firstSession.id}`, { token: secondToken })).status, 204, 'again')

  const refused = await api('GET', '/v1/sessions/current', { token: firstToken })
  t.equal(refused.status, 401)
  t.match(refused.body, { code: 'session_ended', reason: 'revoked_by_user', endedAt: String })
  t.equal((await api('GET', '/v1/sessions/current', { token: secondToken })).status, 200)
})

test('who am I answers the user and the session, and nothing that authenticates', async (t) => {
  const { api } = await startStack(t)
  const { body } = await register(api)
  const answer = await api('GET', '/v1/sessions/current', { token: body.accessToken })
  t.equal(answer.status, 200)
  t.same(Object.keys(answer.body), ['user', 'session'])
  t.same(Object.keys(answer.body.user).sort(), Object.keys(body.user).sort())
  t.equal(answer.body.session.id, body.session.id)
  t.match(answer.body.user.lastActiveAt, /Z$/)
  t.equal(answer.headers.get('cache-control'), 'no-store')
  const text = JSON.stringify([answer.body, (await api('GET', '/v1/sessions', { token: body.accessToken })).body])
  t.notMatch(text, body.refreshToken)
  t.notMatch(text, body.accessToken)
})

test('fifty parallel refreshes of one token give one refresh token, and the old one still works in the grace window', async (t) => {
  const { api } = await startStack(t)
  const { refreshToken, session } = (await register(api)).body
  const refresh = (token: string) => api('POST', '/v1/sessions/refresh', { body: { refreshToken: token } })

  const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(refreshToken)))
  t.same([...new Set(answers.map(({ status }) => status))], [200])
  const successors = new Set(answers.map(({ body }) => body.refreshToken))
  t.equal(successors.size, 1)
  t.not([...successors][0], refreshToken)

  const { accessToken } = answers[0]?.body ?? {}
  t.equal((await api('GET', '/v1/sessions/current', { token: accessToken })).body.session.id, session.id)
  t.match((await refresh('nonsense')).body, { code: 'refresh_invalid' })
})

test('a refresh token used again after its successor was used ends the whole session', async (t) => {
  const { api } = await startStack(t)
  const { refreshToken } = (await register(api)).body
  const refresh = (token: string) => api('POST', '/v1/sessions/refresh', { body: { refreshToken: token } })
  const second = (await refresh(refreshToken)).body
  const third = (await refresh(second.refreshToken)).body

  t.match((await refresh(refreshToken)).body, { code: 'session_ended', reason: 'refresh_reuse' })
  t.match((await refresh(third.refreshToken)).body, { code: 'session_ended', reason: 'refresh_reuse' })
  const refused = await api('GET', '/v1/sessions/current', { token: third.accessToken })
  t.match(refused.body, { code: 'session_ended', reason: 'refresh_reuse' })
})

test('signing out ends the session for its access and its refresh token', async (t) => {
  const { api } = await startStack(t)
  const { accessToken, refreshToken } = (await register(api)).body
  t.equal((await api('DELETE', '/v1/sessions/current', { token: accessToken })).status, 204)
  const refused = await api('GET', '/v1/sessions/current', { token: accessToken })
  t.match(refused.body, { code: 'session_ended', reason: 'signed_out' })
  const refreshed = await api('POST', '/v1/sessions/refresh', { body: { refreshToken } })
  t.match(refreshed.body, { status: 401, code: 'session_ended' })
})

test('ending the others keeps the current session, and ending all includes it', async (t) => {
  const { api } = await startStack(t)
  const email = newEmail()
  await register(api, email)
  await signIn(api, email)
  const { accessToken } = (await signIn(api, email)).body

  t.same((await api('DELETE', '/v1/sessions?except=current', { token: accessToken })).body, { ended: 2 })
  t.equal((await api('GET', '/v1/sessions?state=active', { token: accessToken })).body.items.length, 1)
  t.equal((await api('GET', '/v1/sessions?state=ended', { token: accessToken })).body.items.length, 2)
  t.same((await api('DELETE', '/v1/sessions', { token: accessToken })).body, { ended: 1 })
  t.equal((await api('GET', '/v1/sessions', { token: accessToken })).status, 401)
})

test("nobody ends another person's session, and cannot tell it from one that does not exist", async (t) => {
  const { api } = await startStack(t)
  const victim = (await register(api)).body
  const { accessToken } = (await register(api)).body
  const others = await api('DELETE', `/v1/sessions/${victim.session.id}`, { token: accessToken })
  const unknown = await api('DELETE', `/v1/sessions/00${'A'.repeat(32)}`, { token: accessToken })
  t.equal(others.status, 404)
  t.match(others.body, { code: 'session_not_found' })
  const withoutId = ({ body }: { body: object }) => ({ ...body, requestId: '' })
  t.same(withoutId(others), withoutId(unknown))
  t.equal((await api('GET', '/v1/sessions/current', { token: victim.accessToken })).status, 200)
})

test('signing in again on the same device replaces its own session', async (t) => {
  const { api } = await startStack(t)
  const email = newEmail()
  await register(api, email)
  const deviceId = 'device-0123456789'
  const before = (await signIn(api, email, { deviceId })).body
  const after = (await signIn(api, email, { deviceId })).body
  const replaced = after.notices.find(({ type }: { type: string }) => type === 'sessions_replaced')
  t.match(replaced.sessions, [{ id: before.session.id, state: 'ended', endReason: 'replaced' }])
  t.notOk(after.notices.some(({ type }: { type: string }) => type === 'new_device'))
  const refused = await api('GET', '/v1/sessions/current', { token: before.accessToken })
  t.match(refused.body, { code: 'session_ended', reason: 'replaced' })
})

test('a wrong password and an unknown person get the same answer', async (t) => {
  const { api } = await startStack(t)
  const email = newEmail()
  await register(api, email)
  const ask = (identifier: string) => api('POST', '/v1/sessions', { body: { identifier, password: `${PASSWORD}!` } })
  const [wrong, unknown] = await Promise.all([ask(email), ask(newEmail())])
  t.equal(wrong.status, 401)
  t.same({ ...wrong.body, requestId: '' }, { ...unknown.body, requestId: '' })
  t.same([...wrong.headers.keys()], [...unknown.headers.keys()])
})
