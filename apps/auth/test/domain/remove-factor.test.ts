import { fail, ok } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { removeFactor, removeFactorFor } from '../../src/domain/remove-factor.ts'
import { context, createFakes, listNames, userId } from './fakes.ts'

const sessionId = `21${'s'.repeat(32)}`
const adminId = '019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b22'
const request = { userId, sessionId, password: 'right password' }

test('with the right password the factor goes, then every other session', async (t) => {
  const { deps, calls, events } = createFakes()
  t.same(await removeFactor(deps, request, context), ok({}))
  t.same(listNames(calls), ['findById', 'verify', 'remove', 'endAll', 'removeEnding'])
  t.match(calls[3]?.[1], { userId, exceptSessionId: sessionId, reason: 'revoked_by_user', epoch: 4 })
  t.match(events, [{ id: `${userId}:factor:4`, name: 'factorRemoved', userId, payload: {} }])
})

test('a wrong password removes nothing', async (t) => {
  const { deps, calls } = createFakes()
  t.same(await removeFactor(deps, { ...request, password: 'wrong' }, context), fail('wrong_password'))
  t.match(await removeFactor(deps, { ...request, password: 'a\0b' }, context), {
    details: { errors: [{ field: 'password', code: 'malformed' }] }
  })
  t.notOk(listNames(calls).includes('remove'))
})

test('without a factor nothing happens, and that is all right', async (t) => {
  const { deps, calls } = createFakes()
  const factors = { ...deps.factors, remove: async () => undefined }
  t.same(await removeFactor({ ...deps, factors }, request, context), ok({}))
  t.same(await removeFactorFor({ ...deps, factors }, { userId, adminId }, context), ok({}))
  t.notOk(listNames(calls).includes('endAll'))
})

test('sessions that cannot be ended yet are left to be ended, and the answer says so', async (t) => {
  const { deps, calls } = createFakes()
  const sessions = { ...deps.sessions, endAll: async () => fail('unavailable') }
  t.same(await removeFactor({ ...deps, sessions }, request, context), fail('unavailable'))
  t.notOk(listNames(calls).includes('removeEnding'))
})

test('an admin removes it without the password: every session ends, and the event names the admin', async (t) => {
  const { deps, calls, events } = createFakes()
  t.same(await removeFactorFor(deps, { userId, adminId }, context), ok({}))
  t.same(listNames(calls), ['findById', 'remove', 'endAll', 'removeEnding'])
  t.match(calls[2]?.[1], { exceptSessionId: null, reason: 'revoked_by_admin' })
  t.match(events, [{ name: 'factorRemoved', payload: { actor: { kind: 'admin', id: adminId } } }])
})

test('who is gone is not found', async (t) => {
  const { deps } = createFakes()
  t.same(await removeFactor(deps, { ...request, userId: 'nobody' }, context), fail('user_not_found'))
  t.same(await removeFactorFor(deps, { userId: 'nobody', adminId }, context), fail('user_not_found'))
})
