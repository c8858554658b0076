import { randomInt } from 'node:crypto'
import { parseWords, readCount, UsageError } from '@latchkey/dev/command-line'

export interface Options {
  readonly seed: number
  /** Names of scenarios; all when empty. */
  readonly only: readonly string[]
  readonly list: boolean
  readonly signIns: number
}

const text = { type: 'string' } as const
const MAX_SEED = 2 ** 31
const MAX_SIGN_INS = 1_000_000

/** Throws `UsageError`. */
export function readOptions(args: readonly string[], names: readonly string[]): Options {
  const words = args.filter((word) => word !== '--')
  const options = { seed: text, only: text, 'sign-ins': text, list: { type: 'boolean' } } as const
  const { seed, only, list = false, 'sign-ins': signIns } = parseWords(words, options)
  const wanted = only === undefined ? [] : only.split(',')
  const unknown = wanted.filter((name) => !names.includes(name))
  if (unknown.length > 0) throw new UsageError(`--only: ${unknown.join(', ')} is none of ${names.join(', ')}`)
  return {
    seed: readCount('seed', seed, MAX_SEED) ?? randomInt(1, MAX_SEED),
    only: wanted,
    list,
    signIns: readCount('sign-ins', signIns, MAX_SIGN_INS) ?? chooseSignIns(wanted)
  }
}

/** As many as are worth waiting for: fewer where everything else is waited for, too. */
function chooseSignIns(only: readonly string[]): number {
  return only.length === 1 ? 10_000 : 2000
}
