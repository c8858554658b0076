import type { Violation } from './check-history.ts'
import { MUTANTS, planMutant } from './mutants.ts'
import { type Run, runHistory } from './run-history.ts'
import { createScope } from './scope.ts'

export interface MutantsOptions {
  readonly rules: readonly string[]
  readonly seed: number
  /** A rule has so long to be found out, and its like with the rule kept runs so long without harm. */
  readonly seconds: number
  readonly tell: (line: string) => void
}

/** A wrong yes; to be unavailable more often than not is what the faults of a mutant do to any build. */
export function isWrongYes({ invariant }: Violation): boolean {
  return invariant !== 'I4' && invariant !== 'I5'
}

/** Breaks each rule in turn. True when each was found out, and nothing was found in its like. */
export async function runMutants(options: MutantsOptions): Promise<boolean> {
  const { tell, seed, rules } = options
  const failures: string[] = []
  tell(`seed ${seed}`)
  for (const rule of rules) {
    const { beside = [] } = MUTANTS[rule] ?? {}
    const broken = await runOne(rule, true, options)
    const kept = await runOne(rule, false, options)
    const [caught, harmed] = [broken, kept].map(({ violations }) => violations.some(isWrongYes))
    const found = caught ? `found after ${broken.seconds.toFixed(1)} s, ${broken.ended} endings` : 'NOT FOUND'
    const like = harmed ? 'HARM WITH THE RULE KEPT' : `no harm with the rule kept, ${kept.ended} endings`
    tell(`${rule.padEnd(24)} ${beside.length === 0 ? '' : `(with ${beside.join(', ')}) `}${found}; ${like}`)
    // Nothing can come to harm where nothing is ended.
    if (!caught || harmed || kept.ended === 0) failures.push(rule)
  }
  tell(failures.length === 0 ? 'every rule was found out' : `to look at: ${failures.join(', ')}`)
  return failures.length === 0
}

async function runOne(rule: string, isBroken: boolean, { seed, seconds }: MutantsOptions): Promise<Run> {
  const scope = createScope()
  try {
    return await runHistory(scope, { ...planMutant(rule, isBroken), seed, seconds, tell: () => undefined })
  } finally {
    await scope.release()
  }
}
