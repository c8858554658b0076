import { test } from 'tap'
import { call, getValue, opening, startApp } from './start-app.ts'
import { createUser } from './store/fixtures.ts'

const decodePayload = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))

test('a blocked user is refused everywhere, told until when, and free again without a new sign-in', async (t) => {
  const { sessions } = await startApp(t)
  const user = createUser()
  const { session, tokens } = getValue(await sessions.open({ ...opening({}, user), profileVersion: 1 }, call))
  const check = () => sessions.check({ sessionId: session.id, userId: user.id, activity: true }, call)
  const refresh = () => sessions.refresh({ refreshToken: tokens.refreshToken ?? '' }, call)

  const until = new Date(Date.now() + 3_600_000).toISOString()
  getValue(await sessions.putProfile({ user, version: 2, block: { until } }, call))
  for (const refused of [await check(), await refresh()]) {
    t.match(refused, {
      code: 'user_blocked',
      details: { reason: 'admin', blockedUntil: until, retryAfterSeconds: Number }
    })
  }
  getValue(await sessions.putProfile({ user, version: 3, block: { until: null } }, call))
  const details = { reason: 'admin', blockedUntil: null, retryAfterSeconds: null } as const
  t.match(await check(), { code: 'user_blocked', details })

  getValue(await sessions.putProfile({ user, version: 4, block: null }, call))
  t.match(await check(), { ok: true })
  t.match(await refresh(), { ok: true })
})

test('a short token names the role its user had when it was issued, one that lives as long as its session none', async (t) => {
  const { sessions } = await startApp(t)
  const user = createUser({ role: 'admin' })
  const first = getValue(await sessions.open({ ...opening({}, user), profileVersion: 1 }, call))
  t.equal(decodePayload(first.tokens.accessToken).role, 'admin')
  const lasting = getValue(await sessions.open({ ...opening({ tokens: 'session' }, user), profileVersion: 1 }, call))
  t.notOk('role' in decodePayload(lasting.tokens.accessToken))

  getValue(await sessions.putProfile({ user: { ...user, role: 'user' }, version: 2, block: null }, call))
  const { tokens } = getValue(await sessions.refresh({ refreshToken: first.tokens.refreshToken ?? '' }, call))
  t.equal(decodePayload(tokens.accessToken).role, 'user')
  const question = { userId: user.id, state: 'all', limit: 10, cursor: null, tokenPayload: true } as const
  const { items } = getValue(await sessions.list(question, call))
  t.equal(items.at(-1)?.tokenPayload, first.tokens.accessToken.split('.')[1], 'and what the first one said stays said')
})
