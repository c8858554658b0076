import { test } from 'tap'
import { createLocalBudgets } from '../src/local-budgets.ts'

const patient = { remainingMs: () => 1000 }
const alone = { account: 'ann', source: undefined }

function openBudgets() {
  let now = 0
  const budgets = createLocalBudgets({ nowMs: () => now })
  const fail = async (payers: Parameters<typeof budgets.take>[0]) => {
    const taken = await budgets.take(payers, patient)
    if (taken.ok) budgets.settle(payers, 'wrong')
    return taken.ok ? 'ok' : taken.code
  }
  const advance = (ms: number) => {
    now += ms
  }
  return { budgets, fail, advance }
}

test('an account has five wrong attempts, and as many again later', async (t) => {
  const { budgets, fail, advance } = openBudgets()
  for (let i = 0; i < 5; i += 1) t.equal(await fail(alone), 'ok')
  t.match(await budgets.take(alone, patient), { code: 'too_many_attempts', details: { retryAfterSeconds: 900 } })
  advance(899_999)
  t.match(await budgets.take(alone, patient), { code: 'too_many_attempts', details: { retryAfterSeconds: 1 } })
  advance(1)
  t.equal(await fail(alone), 'ok')
})

test('a source has twenty, whichever accounts they are at and whatever is right', async (t) => {
  const { budgets, fail } = openBudgets()
  for (let i = 0; i < 20; i += 1) t.equal(await fail({ account: `user ${i}`, source: '192.0.2.1' }), 'ok')
  t.equal(await fail({ account: 'another', source: '192.0.2.1' }), 'too_many_attempts')
  budgets.settle({ account: 'another', source: '192.0.2.1' }, 'right')
  t.equal(await fail({ account: 'another', source: '192.0.2.1' }), 'too_many_attempts')
  t.equal(await fail({ account: 'another', source: '192.0.2.2' }), 'ok')
})

test('of many at once no more are judged than there are, and the right ones all come through', async (t) => {
  const { budgets } = openBudgets()
  let judging = 0
  let most = 0
  const signIn = async () => {
    const taken = await budgets.take(alone, patient)
    if (!taken.ok) return taken.code
    judging += 1
    most = Math.max(most, judging)
    await new Promise(setImmediate)
    judging -= 1
    budgets.settle(alone, 'right')
    return 'ok'
  }
  const outcomes = await Promise.all(Array.from({ length: 50 }, signIn))
  t.ok(outcomes.every((each) => each === 'ok'))
  t.equal(most, 5)
})

test('200 guesses at once are five that are judged', async (t) => {
  const { budgets } = openBudgets()
  const guess = async () => {
    const taken = await budgets.take(alone, patient)
    if (!taken.ok) return taken.code
    await new Promise(setImmediate)
    budgets.settle(alone, 'wrong')
    return 'ok'
  }
  const outcomes = await Promise.all(Array.from({ length: 200 }, guess))
  t.equal(outcomes.filter((each) => each === 'ok').length, 5)
})

test('who cannot wait any longer is told so', async (t) => {
  const { budgets } = openBudgets()
  for (let i = 0; i < 5; i += 1) await budgets.take(alone, patient)
  t.match(await budgets.take(alone, { remainingMs: () => 0 }), { code: 'unavailable' })
  budgets.settle(alone, 'void')
  t.match(await budgets.take(alone, patient), { ok: true })
})

test('when too many budgets are in use newcomers wait, rather than that others are forgotten', async (t) => {
  const { fail, advance } = openBudgets()
  for (let i = 0; i < 20_000; i += 1) await fail({ account: `user ${i}`, source: undefined })
  t.equal(await fail({ account: 'newcomer', source: undefined }), 'unavailable')
  t.equal(await fail({ account: 'user 0', source: undefined }), 'ok')
  advance(900_000)
  t.equal(await fail({ account: 'newcomer', source: undefined }), 'ok')
})
