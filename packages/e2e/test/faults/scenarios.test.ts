import { randomInt } from 'node:crypto'
import { test } from 'tap'
import { runScenario } from '../../src/faults/run-scenario.ts'
import type { Scenario } from '../../src/faults/scenario.ts'
import { linkScenarios } from '../../src/faults/scenarios/links.ts'
import { storeScenarios } from '../../src/faults/scenarios/stores.ts'
import { createRandom } from '../../src/history/random.ts'

/** Those that bring out most in a short time; `pnpm test:faults` runs them all, and each for longer. */
const SELECTION = ['redis-hung', 'nats-deaf-gateway']
const MS = 2500
/** Beside other tests there is less of the machine than for the command. */
const PATIENCE = 4
const SPARED_SHARE = 0.03

const selected: readonly Scenario[] = [...storeScenarios, ...linkScenarios].filter(({ name }) =>
  SELECTION.includes(name)
)

for (const scenario of selected) {
  test(`${scenario.fault}: every answer is true and in time, nothing is lost, and all is well again`, async (t) => {
    const seed = randomInt(1, 2 ** 31)
    const options = { random: createRandom(`${seed}/${scenario.name}`), patience: PATIENCE, sparedShare: SPARED_SHARE }
    const { findings } = await runScenario(t, { ...scenario, forMs: MS }, options)
    t.same(findings, [], `again: pnpm test:faults --seed ${seed} --only ${scenario.name}`)
  })
}
