import { parseWords, readCount, UsageError } from '@latchkey/dev/command-line'

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

const text = { type: 'string' } as const

/** Throws `UsageError`. */
export function readOptions(args: readonly string[]): Options {
  const values = parseWords(args, {
    only: text,
    rounds: text,
    seconds: text,
    tokens: text,
    sessions: text,
    json: text,
    quick: { type: 'boolean' }
  })
  const sizes = values.quick === true ? quick : full
  return {
    ...sizes,
    only: values.only === undefined ? measureNames : values.only.split(',').map(readMeasure),
    rounds: readCount('rounds', values.rounds, 100) ?? sizes.rounds,
    seconds: readCount('seconds', values.seconds, 600) ?? sizes.seconds,
    tokens: readCount('tokens', values.tokens, 1_000_000) ?? sizes.tokens,
    sessions: readCount('sessions', values.sessions, 10_000_000) ?? sizes.sessions,
    json: values.json
  }
}

function readMeasure(word: string): MeasureName {
  const name = measureNames.find((known) => known === word)
  if (name === undefined) throw new UsageError(`--only: no measure "${word}"; there are ${measureNames.join(', ')}`)
  return name
}
