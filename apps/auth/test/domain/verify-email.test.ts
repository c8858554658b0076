import { fail, ok } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { hashToken } from '../../src/domain/link-token.ts'
import { verifyEmail } from '../../src/domain/verify-email.ts'
import { context, createFakes, listNames, userId } from './fakes.ts'

test('the answer comes after the copy of the profile has been refreshed', async (t) => {
  const { deps, calls, events } = createFakes()
  t.same(await verifyEmail(deps, { token: 'token' }, context), ok({}))
  t.same(listNames(calls), ['findVerification', 'verifyEmail', 'putProfile', 'removeProfile'])
  t.same(calls[1]?.[1], { userId, hash: hashToken('token') })
  t.match(events, [{ id: `${userId}:profile:8`, name: 'profileChanged', payload: { fields: ['emailVerified'] } }])
})

test('a token that is none, a link used meanwhile and an address taken meanwhile are told', async (t) => {
  const { deps, calls } = createFakes()
  for (const token of ['', 'nonsense', 'a\0b', hashToken('token')]) {
    t.same(await verifyEmail(deps, { token }, context), fail('link_invalid'))
  }
  t.notOk(listNames(calls).includes('verifyEmail'))
  for (const refusal of [fail('link_invalid'), fail('identifier_taken', { field: 'email' })]) {
    const recovery = { ...deps.recovery, verifyEmail: async () => refusal }
    t.same(await verifyEmail({ ...deps, recovery }, { token: 'token' }, context), refusal)
  }
})

test('without the session service the copy stays pending and the answer is unavailable', async (t) => {
  const { deps, calls } = createFakes()
  const sessions = { ...deps.sessions, putProfile: async () => fail('unavailable') }
  t.same(await verifyEmail({ ...deps, sessions }, { token: 'token' }, context), fail('unavailable'))
  t.notOk(listNames(calls).includes('removeProfile'))
})
