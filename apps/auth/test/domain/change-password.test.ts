import { fail, ok } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { changePassword } from '../../src/domain/change-password.ts'
import { context, createFakes, listNames, userId } from './fakes.ts'

const request = {
  userId,
  sessionId: `21${'s'.repeat(32)}`,
  currentPassword: 'right password',
  newPassword: 'another fine password'
}

test('the answer comes after the other sessions have ended under the new epoch', async (t) => {
  const { deps, calls, events } = createFakes()
  t.same(await changePassword(deps, request, context), ok({}))
  t.same(listNames(calls), ['findById', 'verify', 'hash', 'replacePassword', 'endAll', 'removeEnding'])
  const exceptSessionId = request.sessionId
  t.same(calls[4]?.[1], { userId, exceptSessionId, reason: 'password_changed', epoch: 4 })
  t.match(events, [{ id: `${userId}:password:4`, name: 'passwordChanged' }])
})

test('a wrong, an overlong and an absent current password change nothing', async (t) => {
  for (const currentPassword of ['wrong password', 'x'.repeat(300), '']) {
    const { deps, calls } = createFakes()
    t.same(await changePassword(deps, { ...request, currentPassword }, context), fail('wrong_password'))
    t.notOk(listNames(calls).includes('replacePassword'))
  }
})

test('the new password has to keep the policy, with the field named', async (t) => {
  const { deps } = createFakes()
  for (const [newPassword, code] of [
    ['short', 'too_short'],
    ['password', 'too_common'],
    ['ann@example.com', 'contains_identifier'],
    ['\ud800 and more text', 'malformed']
  ] as const) {
    const result = await changePassword(deps, { ...request, newPassword }, context)
    t.match(result, { code: 'invalid_request', details: { errors: [{ field: 'newPassword', code }] } })
  }
})

test('an ill-formed current password is a fault of the request', async (t) => {
  const { deps } = createFakes()
  const result = await changePassword(deps, { ...request, currentPassword: 'a\0b' }, context)
  t.match(result, { code: 'invalid_request', details: { errors: [{ field: 'currentPassword', code: 'malformed' }] } })
})

test('of two changes at the same time the later one finds its current password wrong', async (t) => {
  const { deps } = createFakes()
  const users = { ...deps.users, replacePassword: async () => undefined }
  t.same(await changePassword({ ...deps, users }, request, context), fail('wrong_password'))
})

test('without the session service the row stays pending and the answer is unavailable', async (t) => {
  const { deps, calls } = createFakes()
  const sessions = { ...deps.sessions, endAll: async () => fail('unavailable') }
  t.same(await changePassword({ ...deps, sessions }, request, context), fail('unavailable'))
  t.notOk(listNames(calls).includes('removeEnding'))
})

test('a user who is gone is not found', async (t) => {
  const { deps } = createFakes()
  const gone = '019a9f3e-6f4b-7c1d-9a55-000000000000'
  t.same(await changePassword(deps, { ...request, userId: gone }, context), fail('user_not_found'))
})
