import { argv, stdout } from 'node:process'
import { runCommand, UsageError } from '@latchkey/dev/command-line'
import { MUTANTS, planMutant } from './mutants.ts'
import { readOptions } from './options.ts'
import { ordinary, runHistory } from './run-history.ts'
import { runMutants } from './run-mutants.ts'
import { createScope, releaseAll } from './scope.ts'

const tell = (line: string): void => void stdout.write(`${line}\n`)

async function main(): Promise<number> {
  const { seed, seconds, users, broken, mutants } = readOptions(argv.slice(2))
  const rules = Object.keys(MUTANTS)
  if (broken !== undefined && !rules.includes(broken)) throw new UsageError(`--break: one of ${rules.join(', ')}`)
  if (mutants) {
    return (await runMutants({ rules: broken === undefined ? rules : [broken], seed, seconds, tell })) ? 0 : 1
  }
  const scope = createScope()
  const plan = broken === undefined ? ordinary : planMutant(broken, true)
  const options = { ...plan, users: users ?? plan.users, seed, seconds, tell }
  try {
    const { violations, accepted, ended } = await runHistory(scope, options)
    tell(`${violations.length} violations; ${accepted} requests accepted, ${ended} endings`)
    return violations.length === 0 ? 0 : 1
  } finally {
    await scope.release()
  }
}

await runCommand(main, releaseAll)
