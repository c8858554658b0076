import { activityMessages } from '@latchkey/contracts/activity'
import type { TimelineEntry } from '@latchkey/contracts/timeline'
import { hear, type PayloadOf } from '@latchkey/messaging/broadcast'
import { ensureEventStream, storeEvent } from '@latchkey/messaging/events'
import { createLogger } from '@latchkey/runtime/logger'
import { test } from 'tap'
import {
  call,
  createEvent,
  createUserId,
  DEVICE,
  openScenario,
  outcomeOf,
  SESSION_ID,
  until,
  untilClock
} from './scenario.ts'

const EVERYTHING = { userId: null, kind: null, from: null, to: null, limit: 10, cursor: null } as const

type Scenario = Awaited<ReturnType<typeof openScenario>>

async function listTimeline({ client }: Scenario, userId: string): Promise<TimelineEntry[]> {
  const page = await client.listTimeline({ userId, kind: null, limit: 100, cursor: null }, call())
  if (!page.ok) throw new Error(page.code)
  return page.value.items
}

test('what happens to a user appears in their timeline, newest first, with who did it', async (t) => {
  const scenario = await openScenario(t)
  const userId = createUserId()
  const ipAddress = '192.0.2.7'
  const client = { ipAddress, userAgent: 'curl/8.5.0' }
  const admin = { kind: 'admin', id: createUserId() } as const
  const start = Date.now() - 60_000
  const opened = { sessionId: SESSION_ID, device: DEVICE, method: 'password', newDevice: true } as const
  const ended = { sessionId: SESSION_ID, device: DEVICE, reason: 'signed_out' } as const
  const blockedUntil = new Date().toISOString()
  const events = (at: (minute: number) => { occurredAtMs: number }) => [
    createEvent('userRegistered', userId, { identifiers: ['email'], client }, at(1)),
    createEvent('sessionOpened', userId, opened, { ...at(2), id: `${SESSION_ID}:opened` }),
    createEvent('signInFailed', userId, { client }, at(3)),
    createEvent('passwordChanged', userId, {}, at(4)),
    createEvent('profileChanged', userId, { fields: ['firstName'] }, at(5)),
    createEvent('userBlocked', userId, { reason: 'inactivity', blockedUntil }, at(6)),
    createEvent('sessionEnded', userId, ended, at(7)),
    createEvent('roleChanged', userId, { role: 'admin', actor: admin }, at(8)),
    createEvent('userUnblocked', userId, { actor: admin }, at(9))
  ]
  await ensureEventStream(scenario.transport)
  for (const event of events((minute) => ({ occurredAtMs: start + minute }))) {
    await storeEvent(scenario.transport, event)
  }
  await until(async () => (await listTimeline(scenario, userId)).length === 10)

  const device = { name: 'Chrome on macOS', ip: '192.0.2.7' }
  const unknown = { name: 'curl', ip: '192.0.2.7' }
  const empty = { sessionId: null, device: null, reason: null, fields: [], actor: { kind: 'user', id: userId } }
  const shown = (await listTimeline(scenario, userId)).map(({ id: _id, occurredAt: _at, ...facts }) => facts)
  t.same(shown, [
    { ...empty, kind: 'user_unblocked', actor: admin },
    { ...empty, kind: 'role_changed', role: 'admin', actor: admin },
    { ...empty, kind: 'session_ended', sessionId: SESSION_ID, device, reason: 'signed_out' },
    { ...empty, kind: 'user_blocked', reason: 'inactivity', actor: { kind: 'system', id: null } },
    { ...empty, kind: 'profile_changed', fields: ['firstName'] },
    { ...empty, kind: 'password_changed' },
    { ...empty, kind: 'sign_in_failed', device: unknown, actor: { kind: 'user', id: null } },
    { ...empty, kind: 'signed_in', sessionId: SESSION_ID, device },
    { ...empty, kind: 'new_device', sessionId: SESSION_ID, device },
    { ...empty, kind: 'user_registered', device: unknown }
  ])
})

test('a duplicate changes nothing and a late event takes the place of its time', async (t) => {
  const scenario = await openScenario(t)
  const { transport } = scenario
  const userId = createUserId()
  const start = Date.now() - 60_000
  const event = (id: string, ms: number) => createEvent('passwordChanged', userId, {}, { id, occurredAtMs: start + ms })
  const [early, late] = [event('event-early', 1), event('event-late', 2)]
  await ensureEventStream(transport)
  await storeEvent(transport, late)
  await until(async () => (await listTimeline(scenario, userId)).length === 1)
  await storeEvent(transport, early)
  // Past what the stream itself takes for a duplicate: the same event under another message id.
  const data = new TextEncoder().encode(JSON.stringify(late))
  await transport.store('event.password_changed', { data, headers: {} }, 'another-message-id')
  await storeEvent(transport, event('event-last', 3))
  await until(async () => (await listTimeline(scenario, userId)).some(({ id }) => id === 'event-last'))
  const ids = (await listTimeline(scenario, userId)).map(({ id }) => id)
  t.same(ids, ['event-last', 'event-late', 'event-early'])
})

test('whoever listens is told what was recorded, and can look it up by then', async (t) => {
  const scenario = await openScenario(t)
  const { transport, client } = scenario
  const log = createLogger({ service: 'test', level: 'silent' })
  const told: PayloadOf<typeof activityMessages.recorded>[] = []
  const subscription = hear(activityMessages.recorded, (recorded) => void told.push(recorded), { transport, log })
  t.teardown(() => subscription.drain())
  await transport.flush(5000)
  const userId = createUserId()
  const event = createEvent('passwordChanged', userId, {})
  await ensureEventStream(transport)
  await storeEvent(transport, event)
  await until(() => told.length > 0)
  t.same(told, [{ userId }])
  const after = `${Date.parse(event.occurredAt) - 1000}-0`
  const page = await client.listRecorded({ userId, after, limit: 10 }, call())
  t.match(page, { ok: true, value: { items: [{ entry: { id: event.id, kind: 'password_changed' } }], hasGap: false } })
  const all = await client.listEvents({ ...EVERYTHING, kind: 'password_changed' }, call())
  t.match(all, { ok: true, value: { items: [{ userId, id: event.id }], nextCursor: null } })
  t.equal(outcomeOf(await client.listEvents({ ...EVERYTHING, cursor: 'none' }, call())), 'invalid_request')
  for (const field of ['from', 'to']) {
    const never = { ...EVERYTHING, [field]: '2026-13-01T00:00:00.000Z' }
    t.match(await client.listEvents(never, call()), { code: 'invalid_request', details: { errors: [{ field }] } })
  }
})

test('the block that inactivity begins appears once', async (t) => {
  const scenario = await openScenario(t, { USER_ACTIVITY_EXPIRATION: '1', USER_BLOCKING: '1' })
  const { admit, redis } = scenario
  const userId = createUserId()
  const admitted = await admit(userId)
  if (!admitted.ok) throw new Error(admitted.code)
  await untilClock(redis, admitted.value.activeUntil)
  await Promise.all(Array.from({ length: 20 }, () => admit(userId)))
  await until(async () => (await listTimeline(scenario, userId)).length > 0)
  const [entry, ...others] = await listTimeline(scenario, userId)
  t.match(entry, { kind: 'user_blocked', reason: 'inactivity', sessionId: null })
  t.same(others, [])
  await until(async () => (await redis.xlen(`lk:a:{${userId.slice(-2)}}:outbox`)) === 0)
})

test('events wait in the stream while Redis is down', async (t) => {
  const scenario = await openScenario(t)
  const { transport, server, admit } = scenario
  const userId = createUserId()
  await ensureEventStream(transport)
  await server.kill()
  await until(async () => outcomeOf(await admit(userId)) === 'unavailable')
  await storeEvent(transport, createEvent('passwordChanged', userId, {}))
  await server.restart()
  await until(async () => {
    const page = await scenario.client.listTimeline({ userId, kind: null, limit: 10, cursor: null }, call())
    return page.ok && page.value.items.length === 1
  })
})

test('a session that was opened while activity could not be asked starts a window', async (t) => {
  const scenario = await openScenario(t, { USER_ACTIVITY_EXPIRATION: '2' })
  const { transport, admit, redis, client } = scenario
  const userId = createUserId()
  const admitted = await admit(userId)
  if (!admitted.ok) throw new Error(admitted.code)
  await untilClock(redis, admitted.value.activeUntil)
  await ensureEventStream(transport)
  const opened = { sessionId: SESSION_ID, device: DEVICE, method: 'password', newDevice: false } as const
  await storeEvent(transport, createEvent('sessionOpened', userId, opened))
  await until(async () => {
    const status = await client.getStatus({ userId }, call())
    return status.ok && status.value.activeUntil !== admitted.value.activeUntil
  })
  t.equal(outcomeOf(await admit(userId)), 'ok')
})
