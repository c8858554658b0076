import { test } from 'tap'
import { fail, failField, isErrorCode, ok } from '../src/errors.ts'

test('a success carries its value and a failure its code and details', async (t) => {
  t.same(ok({ id: 1 }), { ok: true, value: { id: 1 } })
  t.same(fail('identifier_taken', { field: 'email' }), {
    ok: false,
    code: 'identifier_taken',
    details: { field: 'email' }
  })
})

test('the failure of one field is a validation failure that names it', async (t) => {
  const failure = failField('password', 'too_short', 'must have at least 8 characters')
  t.match(failure, { code: 'invalid_request', details: { errors: [{ field: 'password', code: 'too_short' }] } })
})

test('only own names of the catalogue are error codes', async (t) => {
  t.ok(isErrorCode('session_ended'))
  for (const value of ['toString', '__proto__', 'nonsense', 401, null]) t.notOk(isErrorCode(value))
})
