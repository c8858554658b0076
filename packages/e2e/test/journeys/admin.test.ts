import { test } from 'tap'
import { createAdmin } from '../../src/admins.ts'
import { eventually, newEmail, PASSWORD, register, signIn } from '../../src/people.ts'
import { startProcesses } from '../../src/processes.ts'
import { emptyRedis, removeKeys } from '../../src/redis.ts'
import { startStack } from '../../src/stack.ts'
import { decodePart, splitToken } from '../../src/tokens.ts'

test('an admin blocks a user and lets them in again: at once, everywhere, and on the record', async (t) => {
  const { api, environment } = await startStack(t)
  const admin = await createAdmin(api, environment)
  const email = newEmail()
  const { user, accessToken: token, refreshToken } = (await register(api, email)).body
  const path = `/v1/admin/users/${user.id}`
  t.equal((await api('GET', '/v1/sessions/current', { token })).status, 200)

  const until = new Date(Date.now() + 3_600_000).toISOString()
  const blocked = await api('PUT', `${path}/block`, { token: admin.token, body: { until, reason: 'spam' } })
  t.match(blocked, { status: 200, body: { reason: 'admin', blockedUntil: until, blockedBy: admin.id, note: 'spam' } })
  const refusal = { status: 403, body: { code: 'user_blocked', reason: 'admin', blockedUntil: until } }
  const refused = await api('GET', '/v1/sessions/current', { token })
  t.match(refused, refusal)
  t.match(refused.headers.get('retry-after'), /^\d+$/)
  t.match(await api('PATCH', '/v1/me', { token, body: { firstName: 'x' } }), refusal)
  t.match(await api('POST', '/v1/sessions/refresh', { body: { refreshToken } }), refusal)
  t.match(await api('GET', '/api/activity', { token }), { status: 403, body: { message: 'User is blocked' } })
  t.match(await signIn(api, email), refusal)
  const wrong = await api('POST', '/v1/sessions', { body: { identifier: email, password: `${PASSWORD}?` } })
  t.match(wrong.body, { status: 401, code: 'invalid_credentials' })

  const detail = await api('GET', path, { token: admin.token })
  t.match(
    detail.body,
    { id: user.id, block: { note: 'spam' }, sessions: [{ state: 'active' }] },
    'suspended, not ended'
  )
  const list = await api('GET', `/v1/admin/users?state=blocked&query=${email}`, { token: admin.token })
  t.match(list.body, { items: [{ id: user.id, email }], nextCursor: null })

  t.equal((await api('DELETE', `${path}/block`, { token: admin.token })).status, 204)
  t.equal((await api('GET', '/v1/sessions/current', { token })).status, 200)
  t.equal((await api('POST', '/v1/sessions/refresh', { body: { refreshToken } })).status, 200)
  t.equal((await signIn(api, email)).status, 201)

  const kinds = ['user_unblocked', 'user_blocked']
  const timeline = await eventually(
    async () => (await api('GET', '/v1/me/activity', { token })).body.items,
    (items) => kinds.every((kind) => items.some((item: { kind: string }) => item.kind === kind))
  )
  const decisions = timeline.filter(({ kind }: { kind: string }) => kinds.includes(kind))
  t.match(
    decisions,
    kinds.map((kind) => ({ kind, actor: { kind: 'admin', id: admin.id } }))
  )
})

test('a block ends by its time, and a request that comes later is as good as ever', async (t) => {
  const { api, environment } = await startStack(t, { USER_ACTIVITY_EXPIRATION: '2' })
  const admin = await createAdmin(api, environment)
  const { user, accessToken: token } = (await register(api)).body
  const until = new Date(Date.now() + 3000).toISOString()
  await api('PUT', `/v1/admin/users/${user.id}/block`, { token: admin.token, body: { until } })
  t.match((await api('GET', '/v1/me', { token })).body, { code: 'user_blocked', reason: 'admin' })
  const free = await eventually(
    () => api('GET', '/v1/me', { token }),
    ({ status }) => status === 200
  )
  t.equal(free.status, 200, 'nor is the time of the block taken for inactivity')
  t.ok(Date.now() >= Date.parse(until))
})

test('a block outlasts the memory of every Redis', async (t) => {
  const { api, environment, redis } = await startStack(t)
  const admin = await createAdmin(api, environment)
  const email = newEmail()
  const { user, accessToken: token } = (await register(api, email)).body
  await api('PUT', `/v1/admin/users/${user.id}/block`, { token: admin.token })

  await removeKeys(redis, 'lk:a:*')
  t.match((await api('GET', '/v1/me', { token })).body, { code: 'user_blocked', blockedUntil: null })
  await emptyRedis(redis)
  const gone = await eventually(
    () => api('GET', '/v1/me', { token }),
    ({ status }) => status === 401
  )
  t.equal(gone.status, 401)
  const again = await eventually(
    () => signIn(api, email),
    ({ status }) => status !== 503
  )
  t.match(again.body, { status: 403, code: 'user_blocked', reason: 'admin' })
})

test('a block holds while the activity service is down, and after every service was killed', async (t) => {
  const { api, environment, services, restart } = await startProcesses(t)
  const admin = await createAdmin(api, environment)
  const email = newEmail()
  const { user, accessToken: token } = (await register(api, email)).body
  await services.activity.kill()
  const blocked = await api('PUT', `/v1/admin/users/${user.id}/block`, { token: admin.token })
  t.equal(blocked.status, 200)
  t.match((await api('GET', '/v1/me', { token })).body, { code: 'user_blocked', reason: 'admin' })
  t.match((await signIn(api, email)).body, { code: 'user_blocked', reason: 'admin' })
  for (const service of ['auth', 'session'] as const) {
    await services[service].kill()
    await restart(service)
  }
  const after = await eventually(
    () => api('GET', '/v1/me', { token }),
    ({ status }) => status !== 503
  )
  t.match(after.body, { code: 'user_blocked', reason: 'admin' })
})

test('a role is given and taken at once; who loses it is signed out, and the last admin stays', async (t) => {
  const { api, environment } = await startStack(t)
  const admin = await createAdmin(api, environment)
  const email = newEmail()
  const { user, accessToken: token } = (await register(api, email)).body
  const list = (bearer: string) => api('GET', '/v1/admin/users?limit=1', { token: bearer })
  t.match((await list(token)).body, { status: 403, code: 'forbidden' })
  t.equal(decodePart(splitToken(token).payload).role, 'user')

  const setRole = (id: string, role: string, bearer = admin.token) =>
    api('PATCH', `/v1/admin/users/${id}`, { token: bearer, body: { role } })
  t.match(await setRole(user.id, 'admin'), { status: 200, body: { id: user.id, role: 'admin' } })
  t.equal((await list(token)).status, 200, 'with the token from before')
  t.match((await api('GET', '/v1/me', { token })).body, { role: 'admin' })

  t.match(await setRole(user.id, 'user'), { status: 200, body: { role: 'user' } })
  t.match((await list(token)).body, { status: 401, code: 'session_ended', reason: 'revoked_by_admin' })
  t.match((await setRole(admin.id, 'user')).body, { status: 409, code: 'last_admin' })
  t.match((await api('PUT', `/v1/admin/users/${admin.id}/block`, { token: admin.token })).body, { code: 'last_admin' })
  const back = (await signIn(api, email)).body
  t.match((await list(back.accessToken)).body, { status: 403, code: 'forbidden' })
})

test('two admins who demote each other at the same time leave one of them', async (t) => {
  const { api, environment } = await startStack(t)
  const first = await createAdmin(api, environment)
  const second = await createAdmin(api, environment)
  const demote = (by: typeof first, whom: typeof first) =>
    api('PATCH', `/v1/admin/users/${whom.id}`, { token: by.token, body: { role: 'user' } })
  const answers = await Promise.all([demote(first, second), demote(second, first)])
  t.equal(answers.filter(({ status }) => status === 200).length, 1)
  const probes = await Promise.all([first, second].map(({ token }) => api('GET', '/v1/admin/users', { token })))
  t.equal(probes.filter(({ status }) => status === 200).length, 1)
})

test('an admin sees and ends the sessions of anybody', async (t) => {
  const { api, environment } = await startStack(t)
  const admin = await createAdmin(api, environment)
  const email = newEmail()
  const { user, accessToken: first } = (await register(api, email)).body
  const second = (await signIn(api, email)).body
  const path = `/v1/admin/users/${user.id}/sessions`
  const { items } = (await api('GET', path, { token: admin.token })).body
  t.equal(items.length, 2)

  const one = `${path}/${second.session.id}`
  t.equal((await api('DELETE', one, { token: admin.token })).status, 204)
  const ended = { status: 401, code: 'session_ended', reason: 'revoked_by_admin' }
  t.match((await api('GET', '/v1/me', { token: second.accessToken })).body, ended)
  t.equal((await api('DELETE', one, { token: admin.token })).status, 204, 'again')
  t.match((await api('DELETE', `${path}/x`, { token: admin.token })).body, { status: 404, code: 'session_not_found' })
  t.match(await api('DELETE', path, { token: admin.token }), { status: 200, body: { ended: 1 } })
  t.match((await api('GET', '/v1/me', { token: first })).body, ended)

  const { accessToken } = (await signIn(api, email)).body
  const timeline = await eventually(
    async () => (await api('GET', '/v1/me/activity?kind=session_ended', { token: accessToken })).body.items,
    (found) => found.length === 2
  )
  const entry = { reason: 'revoked_by_admin', actor: { kind: 'admin', id: admin.id } }
  t.match(timeline, [entry, entry])
})
