import { type Test, test } from 'tap'
import { makeAdmin } from '../../src/admins.ts'
import { type Api, createApi } from '../../src/http.ts'
import { eventually, newEmail, register, signIn } from '../../src/people.ts'
import { startProcesses, startService } from '../../src/processes.ts'

async function openPlatform(t: Test) {
  const processes = await startProcesses(t)
  const second = createApi((await startService(t, 'gateway', processes.environment)).url)
  const gateways = [processes.api, second] as const
  for (const api of gateways) {
    await eventually(
      () => api('GET', '/readyz'),
      ({ body }) => body.verdicts === 'cached'
    )
  }
  return { ...processes, gateways }
}

async function signUp(api: Api, userAgent: string) {
  const email = newEmail()
  const { body } = await register(api, email, { 'user-agent': userAgent })
  return {
    email,
    token: body.accessToken as string,
    refreshToken: body.refreshToken,
    user: body.user,
    session: body.session
  }
}

test('an admin ends the sessions of one app, then everyone’s, and no gateway accepts any of them', async (t) => {
  const { api, gateways, nats } = await openPlatform(t)
  const admin = await signUp(api, 'Console/1.0')
  await makeAdmin({ nats }, admin.user.id)
  const [old, other] = [await signUp(api, 'OldApp/1.0 (leaky)'), await signUp(api, 'NewApp/2.0')]
  const ask = async (token: string) => {
    const answers = await Promise.all(gateways.map((gateway) => gateway('GET', '/v1/sessions/current', { token })))
    return answers.map(({ status, body }) => `${status} ${body.reason ?? ''}`.trim())
  }
  const end = (body: object, token = admin.token) => api('POST', '/v1/admin/sessions/end', { token, body })
  t.same(await ask(old.token), ['200', '200'])
  t.same(await ask(other.token), ['200', '200'])

  t.equal((await end({ everyone: true }, other.token)).status, 403)
  t.equal((await end({})).status, 400)
  const dry = await end({ userAgent: 'oldapp', ip: '127.0.0.0/8', dryRun: true })
  t.match(dry, { status: 200, body: { matched: 1, ended: 0, sample: [{ id: old.session.id, state: 'active' }] } })
  t.same(await ask(old.token), ['200', '200'])

  t.match(await end({ userAgent: 'oldapp' }), { status: 200, body: { matched: 1, ended: 1 } })
  t.same(await ask(old.token), ['401 revoked_by_admin', '401 revoked_by_admin'])
  t.same(await ask(other.token), ['200', '200'])

  const stats = await api('GET', '/v1/admin/stats', { token: admin.token })
  t.match(stats, { status: 200, body: { liveSessions: 2, signIns: 3, failures: 0, blocked: 0 } })
  t.equal(stats.body.points.length, 60)
  t.ok(stats.body.activeUsers >= 2)

  t.match(await end({ everyone: true }), { status: 200, body: { matched: 2, ended: 2 } })
  for (const { token } of [admin, other]) t.same(await ask(token), ['401 revoked_by_admin', '401 revoked_by_admin'])
  const refreshed = await api('POST', '/v1/sessions/refresh', { body: { refreshToken: other.refreshToken } })
  t.match(refreshed, { status: 401, body: { code: 'session_ended', reason: 'revoked_by_admin' } })

  const again = (await signIn(api, other.email)).body
  t.same(await ask(again.accessToken), ['200', '200'])
  const listed = await api('GET', '/v1/sessions?state=ended', { token: again.accessToken })
  t.match(listed.body.items, [{ id: other.session.id, state: 'ended', endReason: 'revoked_by_admin' }])
  const told = await eventually(
    () => api('GET', '/v1/me/activity?kind=session_ended', { token: again.accessToken }),
    ({ body }) => body.items.length > 0
  )
  t.match(told.body.items, [
    { sessionId: other.session.id, reason: 'revoked_by_admin', actor: { kind: 'admin', id: admin.user.id } }
  ])
})

test('200 sign-ups that race an end of everyone: each session is ended, or is accepted', async (t) => {
  const { api, gateways, nats } = await openPlatform(t)
  const admin = await signUp(api, 'Console/1.0')
  await makeAdmin({ nats }, admin.user.id)
  const early = await Promise.all(Array.from({ length: 10 }, () => signUp(api, 'App/1.0')))
  const opening = Array.from({ length: 200 }, (_, i) => signUp(gateways[i % 2] ?? api, 'App/1.0'))
  const ended = await api('POST', '/v1/admin/sessions/end', { token: admin.token, body: { everyone: true } })
  const late = signUp(api, 'App/1.0')
  t.equal(ended.status, 200)
  t.ok(ended.body.ended >= 11)

  const judge = async (token: string) =>
    await Promise.all(gateways.map(async (gateway) => (await gateway('GET', '/v1/sessions/current', { token })).status))
  for (const { token } of early) t.same(await judge(token), [401, 401])
  t.same(await judge((await late).token), [200, 200], 'opened after the answer')
  const opened = (await Promise.all(opening)).filter(({ token }) => token !== undefined)
  const judged = await Promise.all(opened.map(({ token }) => judge(token)))
  t.ok(judged.every(([one, two]) => one === two && (one === 200 || one === 401)))
})
