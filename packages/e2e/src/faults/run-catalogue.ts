import { createRandom } from '../history/random.ts'
import { createScope, type Scope } from '../history/scope.ts'
import { heading, presentOutcome } from './report.ts'
import { runScenario } from './run-scenario.ts'
import type { Outcome, OwnScenario, RunOptions, Scenario } from './scenario.ts'

export interface CatalogueOptions {
  readonly seed: number
  readonly signIns: number
  readonly tell: (line: string) => void
}

/** Recovery takes no longer than it may: whoever runs this has nothing else to do on the machine. */
const PATIENCE = 1

/** Runs one after another, each on a platform of its own, and tells of each. Returns the names of those that failed. */
export async function runCatalogue(
  scenarios: readonly (Scenario | OwnScenario)[],
  { seed, signIns, tell }: CatalogueOptions
): Promise<readonly string[]> {
  tell(`seed ${seed}\n${heading}`)
  const failed: string[] = []
  for (const scenario of scenarios) {
    const outcome = await runOne(scenario, {
      random: createRandom(`${seed}/${scenario.name}`),
      patience: PATIENCE,
      sparedShare: 0,
      signIns
    })
    if (outcome.findings.length > 0) failed.push(scenario.name)
    tell(presentOutcome(scenario.name, outcome))
  }
  return failed
}

async function runOne(scenario: Scenario | OwnScenario, options: RunOptions): Promise<Outcome> {
  const scope = createScope()
  const outcome = await run(scenario, scope, options)
  try {
    await scope.release()
    return outcome
  } catch (err) {
    // What is looked at when all has ended is a part of it.
    return { ...outcome, findings: [...outcome.findings, tellError(err)] }
  }
}

async function run(scenario: Scenario | OwnScenario, scope: Scope, options: RunOptions): Promise<Outcome> {
  try {
    return await ('run' in scenario ? scenario.run(scope, options) : runScenario(scope, scenario, options))
  } catch (err) {
    const finding = `it did not come to its end: ${tellError(err)}`
    return { findings: [finding], notes: [], figures: { wrong: 0, otherErrors: 0 } }
  }
}

function tellError(err: unknown): string {
  return err instanceof Error ? (err.stack ?? err.message) : String(err)
}
