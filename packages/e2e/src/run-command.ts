import process, { stderr } from 'node:process'
import { UsageError } from './history/options.ts'
import { releaseAll } from './history/scope.ts'

/**
 * Runs a command to its end; what `main` resolves to is the exit code, 2 where its words are not understood. What runs
 * meanwhile ends with this process, and is released in order where it can be.
 */
export async function runCommand(main: () => Promise<number>): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void releaseAll().finally(() => process.exit(130)))
  }
  try {
    process.exitCode = await main()
  } catch (err) {
    if (!(err instanceof UsageError)) throw err
    stderr.write(`${err.message}\n`)
    process.exitCode = 2
  }
}
