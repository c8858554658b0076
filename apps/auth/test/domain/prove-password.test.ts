import { fail, ok } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { provePassword } from '../../src/domain/prove-password.ts'
import { context, createCredentials, createFakes, listNames } from './fakes.ts'

const given = { user: createCredentials(), field: 'password', password: 'right password' }

test('the right password gives the verifier it was found right by', async (t) => {
  const { deps, outcomes } = createFakes()
  t.same(await provePassword(deps, given, context), ok('argon2:right password'))
  t.same(outcomes, ['right'])
})

test('a wrong password proves nothing, and none does for a user without one', async (t) => {
  const { deps, calls, outcomes } = createFakes()
  t.same(await provePassword(deps, { ...given, password: 'wrong' }, context), fail('wrong_password'))
  const user = createCredentials({ verifier: undefined })
  t.same(await provePassword(deps, { ...given, user }, context), fail('wrong_password'))
  t.same(listNames(calls), ['verify', 'verify'])
  t.same(outcomes, ['wrong', 'wrong'])
})

test('over the limit nothing is hashed', async (t) => {
  const { deps, calls } = createFakes()
  const refusal = fail('too_many_attempts', { retryAfterSeconds: 30 })
  const limited = { ...deps, attempts: { ...deps.attempts, take: async () => refusal } }
  t.same(await provePassword(limited, given, context), refusal)
  t.same(calls, [])
})

test('a password that could not be judged was no attempt', async (t) => {
  const { deps, outcomes } = createFakes()
  const passwords = { ...deps.passwords, verify: async () => fail('unavailable') }
  t.same(await provePassword({ ...deps, passwords }, given, context), fail('unavailable'))
  t.same(outcomes, ['void'])
})

test('an overlong password costs no hash, an ill-formed one is a fault of its field', async (t) => {
  const { deps, calls } = createFakes()
  t.same(await provePassword(deps, { ...given, password: 'x'.repeat(257) }, context), fail('wrong_password'))
  const malformed = await provePassword(deps, { ...given, password: 'a\0b' }, context)
  t.match(malformed, { details: { errors: [{ field: 'password', code: 'malformed' }] } })
  t.same(calls, [])
})
