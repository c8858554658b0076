import { test } from 'tap'
import type { Api } from '../../src/http.ts'
import { eventually, newEmail, register, signIn } from '../../src/people.ts'
import { startStack } from '../../src/stack.ts'

/** A sign-in over the hashing capacity is told to come again; a client does. */
async function signInPatiently(api: Api, email: string) {
  return await eventually(
    () => signIn(api, email),
    ({ status }) => status !== 503,
    60_000
  )
}

async function listLive(api: Api, token: string) {
  return (await api('GET', '/v1/sessions?state=active&limit=100', { token })).body.items
}

test('two hundred parallel sign-ins under limit:3:deny leave exactly three live sessions', async (t) => {
  const { api } = await startStack(t, { SESSION_POLICY: 'limit:3:deny' })
  const email = newEmail()
  const { accessToken: token } = (await register(api, email)).body
  const answers = await Promise.all(Array.from({ length: 200 }, () => signInPatiently(api, email)))
  const opened = answers.filter(({ status }) => status === 201)
  const denied = answers.filter(({ status }) => status === 409)
  t.equal(opened.length, 2, 'the registration holds the third')
  t.equal(denied.length, 198)
  t.match(denied[0]?.body, { code: 'session_limit' })
  t.equal(denied.at(-1)?.body.sessions.length, 3)
  t.equal((await listLive(api, token)).length, 3)
})

test('two hundred parallel sign-ins under limit:3:evict_oldest never leave more than three live', async (t) => {
  const { api } = await startStack(t, { SESSION_POLICY: 'limit:3:evict_oldest' })
  const email = newEmail()
  await register(api, email)
  const answers = await Promise.all(Array.from({ length: 200 }, () => signInPatiently(api, email)))
  t.ok(answers.every(({ status }) => status === 201))
  const verdicts = await Promise.all(
    answers.map(({ body }) => api('GET', '/v1/sessions/current', { token: body.accessToken }))
  )
  t.equal(verdicts.filter(({ status }) => status === 200).length, 3)
  const refused = verdicts.filter(({ status }) => status === 401)
  t.equal(refused.length, 197)
  const told = refused.filter(({ body }) => body.code === 'session_ended')
  t.ok(told.length >= 50, 'as many ended sessions as are kept')
  t.ok(told.every(({ body }) => body.reason === 'evicted_by_limit'))
  for (const { body } of answers) {
    const ended = new Set(
      body.notices
        .filter(({ type }: { type: string }) => type === 'sessions_replaced')
        .flatMap(({ sessions }: { sessions: { id: string }[] }) => sessions.map(({ id }) => id))
    )
    const concurrent = body.notices.find(({ type }: { type: string }) => type === 'concurrent_sessions')?.sessions ?? []
    t.ok(concurrent.filter(({ id }: { id: string }) => !ended.has(id)).length <= 2, 'two beside the new one')
  }
})

test('a single-session policy ends the earlier session and tells the new one', async (t) => {
  const { api } = await startStack(t, { SESSION_POLICY: 'single' })
  const email = newEmail()
  const first = (await register(api, email)).body
  const second = (await signIn(api, email)).body
  const types = second.notices.map(({ type }: { type: string }) => type)
  t.ok(types.includes('concurrent_sessions') && types.includes('sessions_replaced'))
  const refused = await api('GET', '/v1/sessions/current', { token: first.accessToken })
  t.match(refused.body, { code: 'session_ended', reason: 'replaced' })
})
