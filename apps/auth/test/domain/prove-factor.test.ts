import { fail, ok } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { CODE_BUDGET, hasFactor, proveFactor } from '../../src/domain/prove-factor.ts'
import { createFactor, createFakes, listNames, userId } from './fakes.ts'

test('without a factor that is on the password is all there is, whatever code comes along', async (t) => {
  for (const factor of [undefined, createFactor('pending')]) {
    const { deps, calls } = createFakes({}, factor)
    t.same(await proveFactor(deps, { userId, code: '123456' }), ok('password'))
    t.same(calls, [])
    t.notOk(await hasFactor(deps, userId))
  }
  t.ok(await hasFactor(createFakes({}, createFactor('on')).deps, userId))
})

test('a missing code is asked for, and is no attempt', async (t) => {
  const { deps, calls } = createFakes({}, createFactor('on'))
  for (const code of [undefined, '', ' '])
    t.same(await proveFactor(deps, { userId, code }), fail('second_factor_required'))
  t.same(calls, [])
})

test('a code is counted before it is judged, and a right one is taken', async (t) => {
  const { deps, calls } = createFakes({}, createFactor('on'))
  t.same(await proveFactor(deps, { userId, code: '123456' }), ok('password+totp'))
  t.same(calls, [
    ['countAttempt', CODE_BUDGET],
    ['takeStep', 7]
  ])
})

test('a recovery code is used up instead', async (t) => {
  const { deps, calls } = createFakes({}, createFactor('on'))
  t.same(await proveFactor(deps, { userId, code: 'aaaa-bbbb' }), ok('password+totp'))
  t.same(listNames(calls), ['countAttempt', 'burnRecoveryCode'])
})

test('a wrong code, one that was taken before and a used recovery code are all the same', async (t) => {
  const { deps } = createFakes({}, createFactor('on'))
  const factors = { ...deps.factors, takeStep: async () => false, burnRecoveryCode: async () => false }
  for (const code of ['000000', '123456', 'aaaa-bbbb', 'x'.repeat(64)]) {
    t.same(await proveFactor({ ...deps, factors }, { userId, code }), fail('second_factor_invalid'))
  }
})

test('over the budget no code is judged, right as it may be', async (t) => {
  const { deps, calls } = createFakes({}, createFactor('on'))
  const refused = fail('too_many_attempts', { retryAfterSeconds: 60 })
  const factors = { ...deps.factors, countAttempt: async () => refused }
  t.same(await proveFactor({ ...deps, factors }, { userId, code: '123456' }), refused)
  t.same(calls, [])
})
