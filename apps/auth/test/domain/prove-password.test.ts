import { fail, ok } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { provePassword } from '../../src/domain/prove-password.ts'
import { context, createCredentials, createFakes, listNames } from './fakes.ts'

const given = { user: createCredentials(), field: 'password', password: 'right password' }

test('the right password gives the verifier it was found right by', async (t) => {
  const { deps } = createFakes()
  t.same(await provePassword(deps, given, context), ok('argon2:right password'))
})

test('a wrong password proves nothing, and none does for a user without one', async (t) => {
  const { deps, calls } = createFakes()
  t.same(await provePassword(deps, { ...given, password: 'wrong' }, context), fail('wrong_password'))
  const user = createCredentials({ verifier: undefined })
  t.same(await provePassword(deps, { ...given, user }, context), fail('wrong_password'))
  t.same(listNames(calls), ['verify', 'verify'])
})

test('an overlong password costs no hash, an ill-formed one is a fault of its field', async (t) => {
  const { deps, calls } = createFakes()
  t.same(await provePassword(deps, { ...given, password: 'x'.repeat(257) }, context), fail('wrong_password'))
  const malformed = await provePassword(deps, { ...given, password: 'a\0b' }, context)
  t.match(malformed, { details: { errors: [{ field: 'password', code: 'malformed' }] } })
  t.same(calls, [])
})
