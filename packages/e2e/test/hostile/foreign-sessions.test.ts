import { randomBytes, randomUUID } from 'node:crypto'
import { t as root, test } from 'tap'
import type { Answer } from '../../src/http.ts'
import { eventually, register } from '../../src/people.ts'
import { emptyRedis } from '../../src/redis.ts'
import { startStack } from '../../src/stack.ts'

const { api, redis } = await startStack(root)
const withoutId = ({ status, body: { requestId: _, ...problem } }: Answer) => ({ status, problem })

test("another user's session and an invented one cannot be told apart, and neither can be ended", async (t) => {
  const mine = (await register(api)).body
  const theirs = (await register(api)).body
  const end = (id: string) => api('DELETE', `/v1/sessions/${id}`, { token: mine.accessToken })
  const foreign = await end(theirs.session.id)
  t.match(foreign, { status: 404, body: { code: 'session_not_found' } })
  const invented = [
    `${theirs.session.id.slice(0, 2)}${randomBytes(24).toString('base64url')}`,
    randomUUID(),
    'x',
    '1',
    theirs.user.id,
    encodeURIComponent(`${mine.session.id}*`),
    '__proto__'
  ]
  for (const id of invented) t.strictSame(withoutId(await end(id)), withoutId(foreign), id)
  t.equal((await api('GET', '/v1/sessions/current', { token: theirs.accessToken })).status, 200)

  const listed = await api('GET', '/v1/sessions?state=all', { token: mine.accessToken })
  t.same(
    listed.body.items.map(({ id }: { readonly id: string }) => id),
    [mine.session.id]
  )
})

test('ids are no credentials and tell nothing about those that come next', async (t) => {
  const people = await Promise.all(Array.from({ length: 5 }, async () => (await register(api)).body))
  for (const { session, user } of people) {
    for (const token of [session.id, user.id]) {
      t.match((await api('GET', '/v1/me', { token })).body, { status: 401, code: 'token_invalid' })
      const refreshed = await api('POST', '/v1/sessions/refresh', { body: { refreshToken: token } })
      t.match(refreshed.body, { status: 401, code: 'refresh_invalid' })
    }
  }
  const ends = people.map(({ session }) => session.id.slice(-12))
  t.equal(new Set(ends).size, people.length)
})

test('a store that has lost its sessions refuses every token it had, and takes new ones', async (t) => {
  const { accessToken, refreshToken } = (await register(api)).body
  await emptyRedis(redis)
  const asked = await eventually(
    () => api('GET', '/v1/sessions/current', { token: accessToken }),
    ({ status }) => status === 401
  )
  t.equal(asked.status, 401)
  const refreshed = await eventually(
    () => api('POST', '/v1/sessions/refresh', { body: { refreshToken } }),
    ({ status }) => status !== 503
  )
  t.equal(refreshed.status, 401)
  t.equal((await api('DELETE', '/v1/sessions', { token: accessToken })).status, 401)
  const again = await eventually(
    () => register(api),
    ({ status }) => status === 201
  )
  t.equal((await api('GET', '/v1/me', { token: again.body.accessToken })).status, 200)
})
