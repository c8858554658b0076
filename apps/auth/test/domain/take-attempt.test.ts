import { fail, ok } from '@latchkey/contracts/errors'
import { test } from 'tap'
import type { LocalPayers } from '../../src/domain/attempt-ports.ts'
import { takeAttempt } from '../../src/domain/take-attempt.ts'
import { context, createFakes, openedAttempt, userId } from './fakes.ts'

const request = { account: userId, origin: { ipAddress: '2001:db8:1:2::1', deviceId: null } }

test('an attempt is settled where it was taken', async (t) => {
  const { deps, outcomes } = createFakes()
  const taken = await takeAttempt(deps, request, context)
  if (!taken.ok) throw new Error(taken.code)
  t.same(taken.value.shared, openedAttempt)
  await taken.value.settle('wrong')
  t.same(outcomes, ['wrong'])
})

test('what is being judged is waited for, as long as there is time to be judged as well', async (t) => {
  const { deps } = createFakes()
  let asked = 0
  const attempts = {
    ...deps.attempts,
    take: async () => ok({ attempt: ++asked < 3 ? null : openedAttempt })
  }
  t.match(await takeAttempt({ ...deps, attempts }, request, context), { ok: true })
  const busy = { ...deps.attempts, take: async () => ok({ attempt: null }) }
  const late = { ...context, remainingMs: () => 500 }
  t.same(await takeAttempt({ ...deps, attempts: busy }, request, late), fail('unavailable'))
})

test('a refusal is passed on', async (t) => {
  const { deps } = createFakes()
  const refusal = fail('too_many_attempts', { retryAfterSeconds: 30 })
  const attempts = { ...deps.attempts, take: async () => refusal }
  t.same(await takeAttempt({ ...deps, attempts }, request, context), refusal)
})

for (const code of ['unavailable', 'deadline_exceeded', 'internal'] as const) {
  test(`while the answer is ${code} this process counts for itself`, async (t) => {
    const { deps, outcomes } = createFakes()
    const payers: LocalPayers[] = []
    const localBudgets = {
      ...deps.localBudgets,
      take: async (paying: LocalPayers) => {
        payers.push(paying)
        return ok(undefined)
      }
    }
    const attempts = { ...deps.attempts, take: async () => fail(code) }
    const taken = await takeAttempt({ ...deps, attempts, localBudgets }, request, context)
    if (!taken.ok) throw new Error(taken.code)
    t.equal(taken.value.shared, undefined)
    await taken.value.settle('right')
    t.same(outcomes, ['right'])
    t.same(payers, [{ account: userId, source: '2001:db8:1:2' }])
  })
}

test('who is signed in is counted apart from who is not, here too', async (t) => {
  const { deps } = createFakes()
  const attempts = { ...deps.attempts, take: async () => fail('unavailable') }
  const seen: LocalPayers[] = []
  const localBudgets = {
    ...deps.localBudgets,
    take: async (paying: LocalPayers) => {
      seen.push(paying)
      return fail('too_many_attempts', { retryAfterSeconds: 9 })
    }
  }
  const taken = await takeAttempt({ ...deps, attempts, localBudgets }, { account: userId, origin: null }, context)
  t.match(taken, { code: 'too_many_attempts' })
  t.not(seen[0]?.account, userId)
  t.equal(seen[0]?.source, undefined)
})
