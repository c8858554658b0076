import { test } from 'tap'
import { createAvailability } from '../../src/availability.ts'
import { StoreUnavailable, UnstorableText } from '../../src/domain/ports.ts'
import { createAttempt } from '../../src/store/attempt.ts'

function createError(code: string): Error {
  return Object.assign(new Error('from the database'), { code })
}

function createLoggedAttempt() {
  const lines: string[] = []
  const add = (_fields: object, text: string) => void lines.push(text)
  return { lines, attempt: createAttempt(createAvailability('the database', { info: add, warn: add })) }
}

/** Fails with each code in turn, then succeeds; says how often it was run. */
function createRun(codes: string[]) {
  const state = { runs: 0 }
  const run = async () => {
    state.runs += 1
    const code = codes.shift()
    if (code !== undefined) throw createError(code)
    return 'done'
  }
  return { state, run }
}

test('two transactions that are in the way of each other are tried again', async (t) => {
  const { attempt } = createLoggedAttempt()
  const { state, run } = createRun(['40P01', '40001'])
  t.equal(await attempt(run), 'done')
  t.equal(state.runs, 3)
})

test('a third conflict in a row is given up as unavailable', async (t) => {
  const { attempt } = createLoggedAttempt()
  await t.rejects(attempt(createRun(['40P01', '40P01', '40P01']).run), StoreUnavailable)
})

test('a database that is down is not asked again, and is logged once', async (t) => {
  const { attempt, lines } = createLoggedAttempt()
  const { state, run } = createRun(['ECONNREFUSED', 'ECONNREFUSED'])
  await t.rejects(attempt(run), StoreUnavailable)
  await t.rejects(attempt(run), StoreUnavailable)
  t.equal(state.runs, 2)
  await attempt(run)
  t.same(lines, ['the database does not answer', 'the database answers again'])
})

test('text that cannot be held says so', async (t) => {
  await t.rejects(createLoggedAttempt().attempt(createRun(['22021']).run), UnstorableText)
})

test('a fault of ours passes as it is', async (t) => {
  await t.rejects(createLoggedAttempt().attempt(createRun(['23502']).run), { code: '23502' })
})
