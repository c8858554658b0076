import { test } from 'tap'
import { presentEntries } from '../../src/domain/present-entries.ts'
import { createEvent, createUserId, DEVICE, SESSION_ID } from '../scenario.ts'

const userId = createUserId()
const admin = { kind: 'admin', id: createUserId() } as const

function listActors(...args: Parameters<typeof createEvent>) {
  return presentEntries(createEvent(...args)).map(({ actor }) => actor)
}

test('an ended session names who ended it: its user, an admin, or the rules of the platform', async (t) => {
  const ended = { sessionId: SESSION_ID, device: DEVICE }
  const cases = [
    ['signed_out', { kind: 'user', id: userId }],
    ['revoked_by_user', { kind: 'user', id: userId }],
    ['replaced', { kind: 'user', id: userId }],
    ['password_changed', { kind: 'user', id: userId }],
    ['evicted_by_limit', { kind: 'system', id: null }],
    ['expired_idle', { kind: 'system', id: null }],
    ['expired_absolute', { kind: 'system', id: null }],
    ['refresh_reuse', { kind: 'system', id: null }],
    ['user_blocked', { kind: 'system', id: null }],
    ['revoked_by_admin', { kind: 'admin', id: null }]
  ] as const
  for (const [reason, actor] of cases) t.same(listActors('sessionEnded', userId, { ...ended, reason }), [actor], reason)
  t.same(listActors('sessionEnded', userId, { ...ended, reason: 'revoked_by_admin', actor: admin }), [admin])
})

test('a block names the admin who began it, or the platform', async (t) => {
  const blockedUntil = null
  t.same(listActors('userBlocked', userId, { reason: 'brute_force', blockedUntil }), [{ kind: 'system', id: null }])
  t.same(listActors('userBlocked', userId, { reason: 'admin', blockedUntil }), [{ kind: 'admin', id: null }])
  t.same(listActors('userBlocked', userId, { reason: 'admin', blockedUntil, actor: admin }), [admin])
})

test('whatever an admin did carries that admin', async (t) => {
  t.same(listActors('roleChanged', userId, { role: 'user', actor: admin }), [admin])
  t.same(listActors('passwordResetRequested', userId, { actor: admin }), [admin])
  t.same(listActors('passwordResetRequested', userId, {}), [{ kind: 'user', id: null }])
  t.same(listActors('dataExported', userId, { actor: admin }), [admin])
  t.same(listActors('factorRemoved', userId, { actor: admin }), [admin])
  t.same(listActors('factorRemoved', userId, {}), [{ kind: 'user', id: userId }])
  t.same(listActors('userImported', userId, { actor: admin }), [admin])
})

test('a sign-in on a new device is two entries, each with an id of its own that never changes', async (t) => {
  const payload = { sessionId: SESSION_ID, device: DEVICE, method: 'password', newDevice: true } as const
  const event = createEvent('sessionOpened', userId, payload)
  const ids = presentEntries(event).map(({ kind, id }) => [kind, id])
  t.same(ids, [
    ['signed_in', event.id],
    ['new_device', `${SESSION_ID}:new_device`]
  ])
})
