import { fail, failField } from '@latchkey/contracts/errors'
import t from 'tap'
import { createRefusals } from '../../src/dialects/refusals.ts'

const texts = {
  '/one 500': 'one failed',
  500: 'failed',
  401: 'unauthorized',
  identifier_taken: [400, 'taken'],
  'name too_long': 'the name is too long',
  required: 'something is missing',
  name: 'the name is wrong'
} as const
const { describe } = createRefusals(texts, (text, _failure, faults) => ({ text, count: faults.length }))
const plain = { reason: 'admin', blockedUntil: null, retryAfterSeconds: null } as const

t.test('a failure is worded by its code, by what all agree on, by its status, or by its title', async (t) => {
  const cases = [
    [fail('identifier_taken', { field: 'email' }), 400, 'taken'],
    [fail('user_blocked', plain), 403, 'User is blocked'],
    [{ ok: false, code: 'second_factor_required', details: undefined }, 403, 'Second factor required'],
    [fail('token_invalid'), 401, 'unauthorized'],
    [fail('payload_too_large'), 413, 'The request is too large'],
    [fail('deadline_exceeded'), 500, 'failed']
  ] as const
  for (const [failure, status, text] of cases) {
    t.same(describe(failure, '/two'), { status, body: { text, count: 0 } }, failure.code)
  }
  t.same(describe(fail('unavailable'), '/one').body, { text: 'one failed', count: 0 }, 'a text for one route alone')
})

t.test('a fault is worded by field and code, by code, or by field; one of the whole body is of its form', async (t) => {
  const cases = [
    ['name', 'too_long', 'the name is too long'],
    ['name', 'required', 'something is missing'],
    ['name', 'malformed', 'the name is wrong'],
    ['toString', 'constructor', 'Invalid request'],
    ['', 'malformed', 'Invalid JSON']
  ] as const
  for (const [field, code, text] of cases) {
    t.same(describe(failField(field, code, ''), '/two'), { status: 400, body: { text, count: 1 } })
  }
})
