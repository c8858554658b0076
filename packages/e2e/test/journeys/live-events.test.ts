import { type EventStream, openEventStream } from '@latchkey/testing/event-stream'
import type { TestScope } from '@latchkey/testing/stores'
import { test } from 'tap'
import { createApi } from '../../src/http.ts'
import { eventually, newEmail, PASSWORD, register, signIn } from '../../src/people.ts'
import { startProcesses, startService } from '../../src/processes.ts'

/** The platform with a second gateway: what is done at the one is told by the other. */
async function startTwoGateways(t: TestScope) {
  const processes = await startProcesses(t)
  const other = await startService(t, 'gateway', processes.environment)
  const otherApi = createApi(other.url)
  await eventually(
    () => otherApi('GET', '/readyz'),
    ({ status }) => status === 200
  )
  const listen = (token: string, headers: Record<string, string> = {}): Promise<EventStream> =>
    openEventStream(t, `${other.url}/v1/me/events`, { authorization: `Bearer ${token}`, ...headers })
  return { ...processes, listen }
}

test('a device learns of another sign-in, of changes, and at last that it was signed out', async (t) => {
  const { api, listen } = await startTwoGateways(t)
  const email = newEmail()
  const phone = (await register(api, email)).body
  const stream = await listen(phone.accessToken)
  t.match(await stream.next('stream.ready'), { data: { complete: true } })

  const laptop = (await signIn(api, email, { userAgent: 'curl/8.5.0' })).body
  const opened = await stream.next('session.opened')
  t.match(opened.data, { sessionId: laptop.session.id, current: false, device: { name: 'curl' } })
  t.match(opened.data.actor, { kind: 'user', id: phone.user.id })
  t.match(await stream.next('device.added'), { data: { sessionId: laptop.session.id } })

  await api('PATCH', '/v1/me', { token: laptop.accessToken, body: { firstName: 'Ada' } })
  t.match(await stream.next('profile.changed'), { data: { fields: ['firstName'] } })
  await api('POST', '/v1/sessions', { body: { identifier: email, password: `${PASSWORD}!` } })
  await stream.next('sign_in.failed')

  const laptopStream = await listen(laptop.accessToken)
  await laptopStream.next('stream.ready')
  t.equal((await api('DELETE', `/v1/sessions/${phone.session.id}`, { token: laptop.accessToken })).status, 204)
  t.match((await stream.ended).slice(-2), [
    { name: 'session.ended', data: { sessionId: phone.session.id, current: true, reason: 'revoked_by_user' } },
    { name: 'stream.ended', data: { code: 'session_ended' } }
  ])
  t.match(await laptopStream.next('session.ended'), { data: { sessionId: phone.session.id, current: false } })
  const refused = await listen(phone.accessToken, { 'last-event-id': opened.id })
  t.equal(refused.status, 401, 'it does not come back')
})

test('who was away is told on return what happened meanwhile, in order and once', async (t) => {
  const { api, listen } = await startTwoGateways(t)
  const email = newEmail()
  const { accessToken: token } = (await register(api, email)).body
  const before = await listen(token)
  const { id } = await before.next('stream.ready')
  before.leave()

  const sessions = [(await signIn(api, email)).body.session.id, (await signIn(api, email)).body.session.id]
  await api('PATCH', '/v1/me', { token, body: { firstName: 'Ada' } })
  for (const sessionId of sessions) await api('DELETE', `/v1/sessions/${sessionId}`, { token })

  const after = await listen(token, { 'last-event-id': id })
  const told = new Map<string, string>()
  for (;;) {
    const { name, data } = await after.next()
    if (data.id === undefined) continue
    t.notOk(told.has(data.id), 'nothing comes twice')
    told.set(data.id, `${name} ${sessions.indexOf(data.sessionId)}`)
    if ([...told.values()].filter((each) => each.startsWith('session.ended')).length === 2 && told.size >= 7) break
  }
  const ofSessions = [...told.values()].filter((each) => each.startsWith('session.'))
  t.same(ofSessions, ['session.opened 0', 'session.opened 1', 'session.ended 0', 'session.ended 1'])
  t.ok([...told.values()].includes('profile.changed -1'))
})

test('a restart of the bus costs a stream nothing', async (t) => {
  const { api, listen, nats } = await startTwoGateways(t)
  const email = newEmail()
  const { accessToken } = (await register(api, email)).body
  const stream = await listen(accessToken)
  await stream.next('stream.ready')
  await nats.kill()
  await nats.restart()
  const again = await eventually(
    () => signIn(api, email),
    ({ status }) => status === 201
  )
  const { data } = await stream.next('session.opened')
  t.match(data, { sessionId: again.body.session.id })
})

test('a password change ends the streams of all other devices', async (t) => {
  const { api, listen } = await startTwoGateways(t)
  const email = newEmail()
  const phone = (await register(api, email)).body
  const laptop = (await signIn(api, email)).body
  const streams = await Promise.all([phone, laptop].map(({ accessToken }) => listen(accessToken)))
  await Promise.all(streams.map((stream) => stream.next('stream.ready')))
  const body = { currentPassword: PASSWORD, newPassword: 'another horse entirely' }
  t.equal((await api('PUT', '/v1/me/password', { token: laptop.accessToken, body })).status, 204)
  const [ending, staying] = streams
  t.match((await ending?.ended)?.at(-2), { name: 'session.ended', data: { reason: 'password_changed' } })
  t.match(await staying?.next('session.ended'), { data: { sessionId: phone.session.id, current: false } })
})
