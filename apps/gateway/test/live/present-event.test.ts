import { fail } from '@latchkey/contracts/errors'
import type { TimelineEntry, TimelineKind } from '@latchkey/contracts/timeline'
import { test } from 'tap'
import { presentBeginning, presentEnd, presentEvent } from '../../src/live/present-event.ts'

const ownId = '7fq0ZlX2m4n8VbYc1sT6dKe9RwGh3JuAoP'
const at = '2026-11-21T09:30:00.000Z'

function present(kind: TimelineKind, changes: Partial<TimelineEntry> = {}): string {
  const entry = { id: 'entry-0001', kind, occurredAt: at, sessionId: null, device: null, reason: null, fields: [] }
  return presentEvent({ position: '17-0', entry: { ...entry, ...changes } }, ownId)
}

test('an entry becomes an event that says what it is about and what happened', async (t) => {
  const names: [TimelineKind, string][] = [
    ['signed_in', 'session.opened'],
    ['new_device', 'device.added'],
    ['session_ended', 'session.ended'],
    ['user_blocked', 'user.blocked'],
    ['user_unblocked', 'user.unblocked'],
    ['password_changed', 'password.changed'],
    ['profile_changed', 'profile.changed'],
    ['sign_in_failed', 'sign_in.failed']
  ]
  for (const [kind, name] of names) t.match(present(kind), `id: 17-0\nevent: ${name}\ndata: {`)
})

test('whatever people have named themselves, an event is one event', async (t) => {
  const name = 'x\n\nevent: forged\ndata: {}\r\u2028'
  const text = present('session_ended', { sessionId: 'other', device: { name, ip: '192.0.2.7' } })
  t.equal(text.match(/\n/g)?.length, 4)
  t.ok(text.endsWith('}\n\n'))
  t.match(JSON.parse(text.slice(text.indexOf('{'))), { device: { name }, current: false })
})

test('a session is not told of its own beginning, but of its end', async (t) => {
  t.equal(present('signed_in', { sessionId: ownId }), '')
  t.equal(present('new_device', { sessionId: ownId }), '')
  t.match(present('session_ended', { sessionId: ownId }), '"current":true')
})

test('the end of a stream tells what a request would be refused for', async (t) => {
  const ended = presentEnd(fail('session_ended', { reason: 'revoked_by_user', endedAt: at }), ownId)
  t.match(
    ended,
    /^event: session\.ended\n.*"reason":"revoked_by_user".*\n\nevent: stream\.ended\ndata: {"code":"session/
  )
  t.match(ended, `"occurredAt":"${at}","sessionId":"${ownId}"`)
  const blocked = presentEnd(
    fail('user_blocked', { reason: 'admin', blockedUntil: null, retryAfterSeconds: null }),
    ownId
  )
  t.match(blocked, /^event: user\.blocked\n.*"reason":"admin".*\n\nevent: stream\.ended\ndata: {"code":"user_blocked"}/)
  t.equal(presentEnd(fail('token_expired'), ownId), 'event: stream.ended\ndata: {"code":"token_expired"}\n\n')
  t.equal(presentEnd({ code: 'superseded' }, ownId), 'event: stream.ended\ndata: {"code":"superseded"}\n\n')
})

test('the beginning names the position to come back to', async (t) => {
  t.equal(presentBeginning('17-0', true), 'id: 17-0\nevent: stream.ready\ndata: {"complete":true}\n\n')
})
