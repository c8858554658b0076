import { runSql } from '@latchkey/testing/dumps'
import { test } from 'tap'
import { signInAdmin } from '../../src/administrators.ts'
import { dumpStore, STORES, type Store } from '../../src/dump-stores.ts'
import type { Answer } from '../../src/http.ts'
import { eventually, newEmail, PASSWORD, register, signIn } from '../../src/people.ts'
import { type Stack, startStack } from '../../src/stack.ts'

/** Which of the texts a store holds. */
async function findTraces(stack: Stack, store: Store, texts: readonly string[]): Promise<string[]> {
  const dump = (await dumpStore(stack, store)).toLowerCase()
  return texts.filter((text) => dump.includes(text.toLowerCase()))
}

/** Asks again and again until it is told to stop. */
function keepAsking(ask: () => Promise<Answer>): () => Promise<Answer[]> {
  let isOver = false
  const run = async () => {
    const answers: Answer[] = []
    while (!isOver) answers.push(await ask())
    return answers
  }
  const running = Promise.all(Array.from({ length: 3 }, run))
  return async () => {
    isOver = true
    return (await running).flat()
  }
}

test('who deletes their account is gone at once, and with all that was under way nothing of them is left', async (t) => {
  const stack = await startStack(t)
  const { api } = stack
  const email = newEmail()
  const { user, refreshToken } = (await register(api, email)).body
  const { accessToken: token } = (await signIn(api, email, { deviceId: 'a-known-device' })).body
  await api('PATCH', '/v1/me', { token, body: { firstName: 'Rumpelstilzchen' } })
  await api('POST', '/v1/sessions', { body: { identifier: email, password: 'wrong wrong' } })
  const bystander = (await register(api)).body
  for (const store of STORES) t.same(await findTraces(stack, store, [user.id]), [user.id], `${store} knows the user`)

  const wrong = await api('DELETE', '/v1/me', { token, body: { password: 'wrong' } })
  t.match(wrong.body, { status: 403, code: 'wrong_password' })

  const stopping = [
    keepAsking(() => api('GET', '/v1/sessions/current', { token })),
    keepAsking(() => api('POST', '/v1/sessions/refresh', { body: { refreshToken } })),
    keepAsking(() => signIn(api, email))
  ]
  const deleted = await api('DELETE', '/v1/me', { token, body: { password: PASSWORD } })
  t.equal(deleted.status, 204)
  const after = await Promise.all([
    api('GET', '/v1/me', { token }),
    api('POST', '/v1/sessions/refresh', { body: { refreshToken } }),
    signIn(api, email)
  ])
  t.match(after[0].body, { status: 401, code: 'session_ended', reason: 'user_deleted' })
  t.match(after[1].body, { status: 401, code: 'session_ended', reason: 'user_deleted' })
  t.match(after[2].body, { status: 401, code: 'invalid_credentials' })
  const racing = (await Promise.all(stopping.map((stop) => stop()))).flat()
  t.notOk(
    racing.some(({ status }) => status >= 500),
    'nobody met a fault'
  )
  for (const { body } of racing.filter(({ status }) => status === 201)) {
    t.equal((await api('GET', '/v1/me', { token: body.accessToken })).status, 401)
  }

  const packed = Buffer.from(user.id.replaceAll('-', '').slice(0, 30), 'hex').toString('latin1')
  const names = [user.id, email, 'Rumpelstilzchen', packed]
  for (const store of STORES) {
    const traces = await eventually(
      () => findTraces(stack, store, names),
      (found) => found.length === 0
    )
    t.same(traces, [], `${store} has forgotten the user`)
  }
  t.match(await dumpStore(stack, 'stream'), /"userDeleted"/)
  t.equal((await api('GET', '/v1/me', { token: bystander.accessToken })).status, 200)
  for (const store of STORES)
    t.ok((await findTraces(stack, store, [bystander.user.id])).length > 0, 'a bystander stays')

  const again = await register(api, email)
  t.equal(again.status, 201)
  t.not(again.body.user.id, user.id)
  t.same(again.body.notices, [])
})

test('an admin deletes a user, but not the last admin', async (t) => {
  const stack = await startStack(t)
  const { api } = stack
  const { accessToken: token, user: admin } = (await signInAdmin(stack)).body
  const { accessToken, user } = (await register(api)).body
  t.match((await api('DELETE', `/v1/admin/users/${admin.id}`, { token: accessToken })).body, { code: 'forbidden' })
  t.equal((await api('DELETE', `/v1/admin/users/${user.id}`, { token })).status, 204)
  t.match((await api('GET', '/v1/me', { token: accessToken })).body, { code: 'session_ended', reason: 'user_deleted' })
  t.match((await api('DELETE', `/v1/admin/users/${user.id}`, { token })).body, { code: 'user_not_found' })
  t.match((await api('DELETE', '/v1/admin/users/nobody', { token })).body, { code: 'user_not_found' })
  t.match((await api('DELETE', `/v1/admin/users/${admin.id}`, { token })).body, { status: 409, code: 'last_admin' })
  t.match((await api('DELETE', '/v1/me', { token, body: { password: PASSWORD } })).body, { code: 'last_admin' })
  t.equal((await api('GET', '/v1/me', { token })).status, 200)
})

test('what is held about a user can be taken away by that user', async (t) => {
  const { api } = await startStack(t)
  const email = newEmail()
  await register(api, email.toUpperCase())
  const { accessToken: token, session } = (await signIn(api, email, { deviceId: 'a-known-device' })).body
  await api('DELETE', '/v1/sessions?except=current', { token })
  const exported = await eventually(
    () => api('GET', '/v1/me/export', { token }),
    ({ body }) => body.timeline?.some(({ kind }: { kind: string }) => kind === 'session_ended')
  )
  t.equal(exported.headers.get('content-disposition'), 'attachment; filename="my-data.json"')
  const { account, sessions, devices, timeline } = exported.body
  t.match(account, {
    hasPassword: true,
    identifiers: [{ kind: 'email', entered: email.toUpperCase(), canonical: email }]
  })
  t.match(sessions, [
    { id: session.id, state: 'active' },
    { state: 'ended', endReason: 'revoked_by_user' }
  ])
  t.equal(devices.length, 1)
  t.ok(timeline.some(({ kind }: { kind: string }) => kind === 'user_registered'))
  t.notMatch(JSON.stringify(exported.body), /argon2|tokenHash|verifier/)
})

test('users come in from a file, go out as one, and come in again', async (t) => {
  const stack = await startStack(t)
  const { api, url, environment } = stack
  const admin = (await signInAdmin(stack)).body
  // The hash of one password, which the platform itself has made.
  const [row] = await runSql(environment.DATABASE_URL ?? '', 'select verifier from passwords limit 1')
  const COUNT = 2000
  const lines = Array.from({ length: COUNT }, (_, n) =>
    JSON.stringify({ email: `person${n}@example.org`, username: `person.${n}`, passwordHash: row?.verifier })
  )
  const authorization = `Bearer ${admin.accessToken}`
  const importUsers = async (body: string) => {
    const headers = { authorization, 'content-type': 'application/x-ndjson' }
    const answer = await fetch(`${url}/v1/admin/users/import`, { method: 'POST', headers, body })
    return (await answer.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
  }

  const startedAt = performance.now()
  const reports = await importUsers([...lines, 'no json', lines[0]].join('\n'))
  const seconds = (performance.now() - startedAt) / 1000
  t.comment(`${Math.round((COUNT / seconds) * 60)} users a minute`)
  t.match(reports.at(-1), { type: 'done', read: COUNT + 2, imported: COUNT, failed: 2 })
  const errors = reports.filter(({ type }) => type === 'error')
  t.match(errors, [
    { line: COUNT + 1, code: 'malformed' },
    { line: COUNT + 2, code: 'identifier_taken' }
  ])
  t.equal((await signIn(api, 'PERSON1234@example.org')).status, 201)

  const exported = await (await fetch(`${url}/v1/admin/users/export`, { headers: { authorization } })).text()
  const users = exported.trimEnd().split('\n')
  t.equal(users.length, COUNT + 1)
  await runSql(environment.DATABASE_URL ?? '', `delete from users where id <> '${admin.user.id}'`)
  t.equal((await signIn(api, 'person1234@example.org')).status, 401)
  const again = await importUsers(exported)
  t.match(again.at(-1), { type: 'done', imported: COUNT, failed: 1 })
  const back = await signIn(api, 'person1234@example.org')
  t.equal(back.status, 201)
  t.equal(back.body.user.username, 'person.1234')
})
