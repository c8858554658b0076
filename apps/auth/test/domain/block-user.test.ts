import { fail } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { blockUser } from '../../src/domain/block-user.ts'
import { actor, createAdminFakes, unknownId } from './admin-fakes.ts'
import { context, listNames, now, userId } from './fakes.ts'

const request = { userId, until: null, note: null, actor }

test('a block is stored, told and answered with who set it', async (t) => {
  const { deps, calls, events } = createAdminFakes()
  const blocked = await blockUser(deps, { ...request, until: '2026-11-21T11:30:00+01:00', note: 'spam' }, context)
  const blockedUntil = '2026-11-21T10:30:00.000Z'
  const value = { reason: 'admin', blockedUntil, blockedAt: now, blockedBy: actor.id, note: 'spam' }
  t.same(blocked, { ok: true, value })
  t.same(listNames(calls), ['block', 'putProfile', 'removeProfile'])
  t.match(events, [{ name: 'userBlocked', payload: { reason: 'admin', blockedUntil, actor } }])
})

test('without an end, and without a note, it has neither', async (t) => {
  const { deps } = createAdminFakes()
  t.match(await blockUser(deps, { ...request, note: '' }, context), { value: { blockedUntil: null, note: null } })
})

test('an end has to be a time, and to come', async (t) => {
  const { deps, calls } = createAdminFakes()
  const times = {
    invalid_format: ['soon', '2026-11-22', '2026-11-22T10:00:00', '2026-13-41T10:00:00Z'],
    in_the_past: [now]
  }
  for (const [code, untils] of Object.entries(times)) {
    for (const until of untils) {
      const refusal = { code: 'invalid_request', details: { errors: [{ field: 'until', code }] } }
      t.match(await blockUser(deps, { ...request, until }, context), refusal, until)
    }
  }
  for (const until of ['2026-11-21T09:30:00.001Z', '2026-11-21T09:31Z', '9999-12-31T23:59:59Z']) {
    t.match(await blockUser(deps, { ...request, until }, context), { ok: true }, until)
  }
  t.equal(calls.filter(([name]) => name === 'block').length, 3)
})

test('a note that cannot be stored is a fault of the field', async (t) => {
  const { deps } = createAdminFakes()
  for (const note of ['a\0b', '\ud800']) {
    t.match(await blockUser(deps, { ...request, note }, context), { details: { errors: [{ field: 'reason' }] } })
  }
})

test('an id that is unknown, or none at all, is not found', async (t) => {
  const { deps } = createAdminFakes()
  for (const id of [unknownId, 'x']) {
    t.same(await blockUser(deps, { ...request, userId: id }, context), fail('user_not_found'))
  }
})

test('a block that the session service has not heard of stays pending, and the answer is unavailable', async (t) => {
  const { deps, calls } = createAdminFakes()
  const sessions = { ...deps.sessions, putProfile: async () => fail('deadline_exceeded') }
  t.same(await blockUser({ ...deps, sessions }, request, context), fail('unavailable'))
  t.same(listNames(calls), ['block'])
})
