import { randomInt } from 'node:crypto'
import { AUTHORITY_RULE_NAMES, HOLDER_RULE_NAMES } from '@latchkey/verdicts/testing'
import { t as root, test } from 'tap'
import { MUTANTS, planMutant } from '../../src/history/mutants.ts'
import { ordinary, runHistory } from '../../src/history/run-history.ts'
import { isWrongYes } from '../../src/history/run-mutants.ts'

const SECONDS = 60
/** Beside other tests there is less of the machine than for the command. */
const USERS = 5
/** What a broken rule takes to be found out, many times over. */
const MUTANT_SECONDS = 40
/** Those that need no long wait. */
const QUICKLY_FOUND = ['obeysBeforeAcknowledging', 'awaitsHolders', 'refusesOvertakenAnswers'] as const

root.setTimeout(600_000)

test('while everything fails, nobody accepts what has ended, refuses what has not, or stays broken', async (t) => {
  const seed = randomInt(1, 2 ** 31)
  const tell = (line: string) => t.comment(line)
  const { violations, accepted, ended } = await runHistory(t, {
    ...ordinary,
    seed,
    seconds: SECONDS,
    users: USERS,
    tell
  })
  t.same(violations.slice(0, 10), [], `replay: pnpm test:history --seed ${seed} --users ${USERS}`)
  t.ok(accepted > 500, `${accepted} requests accepted`)
  t.ok(ended > 20, `${ended} endings answered`)
})

for (const rule of QUICKLY_FOUND) {
  test(`the history shows that a rule is broken: ${rule}`, async (t) => {
    const seed = randomInt(1, 2 ** 31)
    const tell = (line: string) => t.comment(line)
    const run = await runHistory(t, { ...planMutant(rule, true), seed, seconds: MUTANT_SECONDS, tell })
    t.ok(run.violations.some(isWrongYes), `replay: pnpm test:history --seed ${seed} --break ${rule}`)
  })
}

test('every rule has a plan that brings it out', async (t) => {
  t.same(Object.keys(MUTANTS).toSorted(), [...HOLDER_RULE_NAMES, ...AUTHORITY_RULE_NAMES].toSorted())
})
