import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { UsageError } from '../history/options.ts'

export interface Options {
  readonly seed: number
  /** Names of scenarios; all when empty. */
  readonly only: readonly string[]
  readonly list: boolean
}

const MAX_SEED = 2 ** 31

/** Throws `UsageError`. */
export function readOptions(args: readonly string[], names: readonly string[]): Options {
  const { seed, only, list = false } = parse(args.filter((word) => word !== '--'))
  const wanted = only === undefined ? [] : only.split(',')
  const unknown = wanted.filter((name) => !names.includes(name))
  if (unknown.length > 0) throw new UsageError(`--only: ${unknown.join(', ')} is none of ${names.join(', ')}`)
  if (seed !== undefined && !(/^\d{1,10}$/.test(seed) && Number(seed) >= 1 && Number(seed) <= MAX_SEED)) {
    throw new UsageError(`--seed: a whole number from 1 to ${MAX_SEED}`)
  }
  return { seed: seed === undefined ? randomInt(1, MAX_SEED) : Number(seed), only: wanted, list }
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const
  try {
    return parseArgs({ args: [...args], options: { seed: text, only: text, list: { type: 'boolean' } } }).values
  } catch (err) {
    throw new UsageError(err instanceof Error ? err.message : 'options are not understood')
  }
}
