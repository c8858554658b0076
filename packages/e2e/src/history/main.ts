import process, { argv, stderr, stdout } from 'node:process'
import { MUTANTS, planMutant } from './mutants.ts'
import { readOptions, UsageError } from './options.ts'
import { ordinary, runHistory } from './run-history.ts'
import { runMutants } from './run-mutants.ts'
import { createScope, releaseAll } from './scope.ts'

// What runs meanwhile ends with this process, and is released in order where it can be.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void releaseAll().finally(() => process.exit(130)))
}

const tell = (line: string): void => void stdout.write(`${line}\n`)

async function main(): Promise<number> {
  const { seed, seconds, users, broken, mutants } = readOptions(argv.slice(2))
  if (mutants) return (await runMutants({ seed, seconds, tell })) ? 0 : 1
  if (broken !== undefined && !(broken in MUTANTS))
    throw new UsageError(`--break: one of ${Object.keys(MUTANTS).join(', ')}`)
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

try {
  process.exitCode = await main()
} catch (err) {
  if (!(err instanceof UsageError)) throw err
  stderr.write(`${err.message}\n`)
  process.exitCode = 2
}
