import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { readCount, UsageError } from '../history/options.ts'

export interface Options {
  readonly seed: number
  /** Names of scenarios; all when empty. */
  readonly only: readonly string[]
  readonly list: boolean
  readonly signIns: number
}

const MAX_SEED = 2 ** 31
const MAX_SIGN_INS = 1_000_000

/** Throws `UsageError`. */
export function readOptions(args: readonly string[], names: readonly string[]): Options {
  const { seed, only, list = false, 'sign-ins': signIns } = parse(args.filter((word) => word !== '--'))
  const wanted = only === undefined ? [] : only.split(',')
  const unknown = wanted.filter((name) => !names.includes(name))
  if (unknown.length > 0) throw new UsageError(`--only: ${unknown.join(', ')} is none of ${names.join(', ')}`)
  return {
    seed: seed === undefined ? randomInt(1, MAX_SEED) : readCount('seed', seed, MAX_SEED),
    only: wanted,
    list,
    signIns: signIns === undefined ? chooseSignIns(wanted) : readCount('sign-ins', signIns, MAX_SIGN_INS)
  }
}

/** As many as are worth waiting for: fewer where everything else is waited for, too. */
function chooseSignIns(only: readonly string[]): number {
  return only.length === 1 ? 10_000 : 2000
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const
  try {
    return parseArgs({
      args: [...args],
      options: { seed: text, only: text, 'sign-ins': text, list: { type: 'boolean' } }
    }).values
  } catch (err) {
    throw new UsageError(err instanceof Error ? err.message : 'options are not understood')
  }
}
