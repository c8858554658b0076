import { fail, ok } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { hashToken } from '../../src/domain/link-token.ts'
import type { Deps } from '../../src/domain/ports.ts'
import { resetPassword } from '../../src/domain/reset-password.ts'
import { context, createFakes, listNames, userId } from './fakes.ts'

const request = { token: 'token', newPassword: 'another fine password' }

test('the answer comes after every session has ended under the new epoch', async (t) => {
  const { deps, calls, events } = createFakes()
  t.same(await resetPassword(deps, request, context), ok({}))
  t.same(listNames(calls), ['findReset', 'findById', 'hash', 'resetPassword', 'endAll', 'removeEnding'])
  t.same(calls[3]?.[1], { userId, hash: hashToken('token'), to: 'argon2:another fine password' })
  t.same(calls[4]?.[1], { userId, exceptSessionId: null, reason: 'password_changed', epoch: 4 })
  t.match(events, [{ id: `${userId}:password:4`, name: 'passwordChanged' }])
})

test('a token that is none costs no hash', async (t) => {
  const { deps, calls } = createFakes()
  for (const token of ['', 'nonsense', hashToken('token')]) {
    t.same(await resetPassword(deps, { ...request, token }, context), fail('link_invalid'))
  }
  t.notOk(listNames(calls).includes('hash'))
})

test('a password that the policy refuses leaves the link', async (t) => {
  const { deps, calls } = createFakes()
  const refused = await resetPassword(deps, { ...request, newPassword: 'ann@example.com' }, context)
  const fault = { field: 'newPassword', code: 'contains_identifier' }
  t.match(refused, { code: 'invalid_request', details: { errors: [fault] } })
  t.notOk(listNames(calls).includes('resetPassword'))
})

test('a link that was used meanwhile is not valid any more', async (t) => {
  const { deps } = createFakes()
  const recovery = { ...deps.recovery, resetPassword: async () => undefined }
  t.same(await resetPassword({ ...deps, recovery }, request, context), fail('link_invalid'))
})

test('without the session service the row stays pending and the answer is unavailable', async (t) => {
  const { deps, calls } = createFakes()
  const sessions = { ...deps.sessions, endAll: async () => fail('unavailable') }
  t.same(await resetPassword({ ...deps, sessions }, request, context), fail('unavailable'))
  t.notOk(listNames(calls).includes('removeEnding'))
})

test('whoever reads the mail is forgiven what was tried before, also when nobody can be told', async (t) => {
  const { deps } = createFakes()
  const forgiven: string[] = []
  const forgive: Deps['attempts']['forgive'] = async ({ userId: id }) => {
    forgiven.push(id)
    return fail('unavailable')
  }
  t.same(await resetPassword({ ...deps, attempts: { ...deps.attempts, forgive } }, request, context), ok({}))
  t.same(forgiven, [userId])
})
