import process, { stderr } from 'node:process'
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'

/** A word of the command line that is not understood; `message` is one line for a person. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The values of the options on a command line. Throws `UsageError`. */
export function parseWords<const O extends ParseArgsOptionsConfig>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (err) {
    throw new UsageError(err instanceof Error ? err.message : 'options are not understood')
  }
}

/** The value of an option; `undefined` where it is not there. Throws `UsageError`. */
export function readCount(option: string, value: string | undefined, max: number): number | undefined {
  if (value === undefined) return undefined
  const count = /^\d{1,10}$/.test(value) ? Number(value) : 0
  if (count < 1 || count > max) throw new UsageError(`--${option}: a whole number from 1 to ${max}`)
  return count
}

/**
 * Runs a command to its end; what `main` resolves to is the exit code, 2 where its words are not understood. What runs
 * meanwhile ends with this process (servers by their watchdogs, services when their channel closes), after `release`
 * where it is told to end.
 */
export async function runCommand(
  main: () => Promise<number>,
  release: () => Promise<void> = () => Promise.resolve()
): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void release().finally(() => process.exit(130)))
  }
  try {
    process.exitCode = await main()
  } catch (err) {
    if (!(err instanceof UsageError)) throw err
    stderr.write(`${err.message}\n`)
    process.exitCode = 2
  }
}
