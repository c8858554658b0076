import { randomInt } from 'node:crypto'
import { parseWords, readCount } from '@latchkey/dev/command-line'

export interface Options {
  readonly seed: number
  /** For each run; a rule has so long to be found out. */
  readonly seconds: number
  /** Users that live at the same time; each has two to four sessions. */
  readonly users: number | undefined
  /** Runs with one rule broken, and those that would stand in for it. */
  readonly broken: string | undefined
  /** Runs with each rule broken in turn, or the one named, and with it kept. */
  readonly mutants: boolean
}

const text = { type: 'string' } as const
const MAX_SEED = 2 ** 31
const MAX_USERS = 100
const DAY_SECONDS = 86_400

/** Throws `UsageError`. */
export function readOptions(args: readonly string[]): Options {
  const values = parseWords(
    args.filter((word) => word !== '--'),
    { seed: text, seconds: text, users: text, break: text, mutants: { type: 'boolean' } }
  )
  const mutants = values.mutants === true
  return {
    seed: readCount('seed', values.seed, MAX_SEED) ?? randomInt(1, MAX_SEED),
    seconds: readCount('seconds', values.seconds, DAY_SECONDS) ?? 60,
    users: readCount('users', values.users, MAX_USERS),
    broken: values.break,
    mutants
  }
}
