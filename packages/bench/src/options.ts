import { parseArgs } from 'node:util'

export const measureNames = ['who-am-i', 'revoke', 'sign-in', 'refresh', 'scale', 'durability'] as const
export type MeasureName = (typeof measureNames)[number]

export interface Options {
  readonly only: readonly MeasureName[]
  readonly rounds: number
  /** Length of one measurement. */
  readonly seconds: number
  /** Live tokens that "who am I" goes round. */
  readonly tokens: number
  /** Live sessions in the large store, and in the small one it is compared with. */
  readonly sessions: number
  readonly fewSessions: number
  /** Users who sign in. */
  readonly users: number
  /** So many that the generator always has an answer to read: one that sleeps has to be woken by the measured server. */
  readonly connections: number
  /** Requests a second that all gateways together answer while sessions are revoked. */
  readonly backgroundRate: number
  /** File for the results as JSON. */
  readonly json: string | undefined
}

type Sizes = Omit<Options, 'only' | 'json'>

const full: Sizes = {
  rounds: 5,
  seconds: 8,
  tokens: 100_000,
  sessions: 1_000_000,
  fewSessions: 1000,
  users: 200,
  connections: 256,
  backgroundRate: 1500
}
/** Enough to see that everything runs; the numbers say nothing. */
const quick: Sizes = {
  ...full,
  rounds: 1,
  seconds: 1,
  tokens: 500,
  sessions: 3000,
  fewSessions: 500,
  users: 8,
  backgroundRate: 200
}

/** A word of the command line that is not understood; `message` is one line for a person. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const text = { type: 'string' } as const

/** Throws `UsageError`. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parse(args)
  const sizes = values.quick === true ? quick : full
  return {
    ...sizes,
    only: values.only === undefined ? measureNames : values.only.split(',').map(readMeasure),
    rounds: readCount('rounds', values.rounds, sizes.rounds, 100),
    seconds: readCount('seconds', values.seconds, sizes.seconds, 600),
    tokens: readCount('tokens', values.tokens, sizes.tokens, 1_000_000),
    sessions: readCount('sessions', values.sessions, sizes.sessions, 10_000_000),
    json: values.json
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: text,
        rounds: text,
        seconds: text,
        tokens: text,
        sessions: text,
        json: text,
        quick: { type: 'boolean' }
      }
    })
  } catch (err) {
    throw new UsageError(err instanceof Error ? err.message : 'options are not understood')
  }
}

function readMeasure(word: string): MeasureName {
  const name = measureNames.find((known) => known === word)
  if (name === undefined) throw new UsageError(`--only: no measure "${word}"; there are ${measureNames.join(', ')}`)
  return name
}

function readCount(option: string, value: string | undefined, fallback: number, max: number): number {
  if (value === undefined) return fallback
  const count = /^\d{1,9}$/.test(value) ? Number(value) : 0
  if (count < 1 || count > max) throw new UsageError(`--${option}: a whole number from 1 to ${max}`)
  return count
}
