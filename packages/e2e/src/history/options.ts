import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'

export interface Options {
  readonly seed: number
  /** For each run; a rule has so long to be found out. */
  readonly seconds: number
  /** Users that live at the same time; each has two to four sessions. */
  readonly users: number | undefined
  /** Runs with one rule broken, and those that would stand in for it. */
  readonly broken: string | undefined
  /** Runs with each rule broken in turn. */
  readonly mutants: boolean
}

/** A word of the command line that is not understood; `message` is one line for a person. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const text = { type: 'string' } as const
const MAX_SEED = 2 ** 31
const MAX_USERS = 100
const DAY_SECONDS = 86_400

/** Throws `UsageError`. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parse(args.filter((word) => word !== '--'))
  const mutants = values.mutants === true
  return {
    seed: values.seed === undefined ? randomInt(1, MAX_SEED) : readCount('seed', values.seed, MAX_SEED),
    seconds: values.seconds === undefined ? 60 : readCount('seconds', values.seconds, DAY_SECONDS),
    users: values.users === undefined ? undefined : readCount('users', values.users, MAX_USERS),
    broken: values.break,
    mutants
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { seed: text, seconds: text, users: text, break: text, mutants: { type: 'boolean' } }
    })
  } catch (err) {
    throw new UsageError(err instanceof Error ? err.message : 'options are not understood')
  }
}

/** Throws `UsageError`. */
export function readCount(option: string, value: string, max: number): number {
  const count = /^\d{1,10}$/.test(value) ? Number(value) : 0
  if (count < 1 || count > max) throw new UsageError(`--${option}: a whole number from 1 to ${max}`)
  return count
}
