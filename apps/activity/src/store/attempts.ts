import type { Scripts } from '@latchkey/redis/scripts'
import type { AttemptStore, Taken } from '../domain/attempt-ports.ts'
import { attemptKeys } from './keys.ts'

export interface AttemptLimits {
  /** Wrong attempts in a row at one account that cost no time. */
  readonly perAccount: number
  /** Wrong attempts from one source that cost no time, within the time after which the source is counted anew. */
  readonly perSource: number
  readonly sourceWindowSeconds: number
  /** How long nothing is taken at the limit, and at most. */
  readonly delaySeconds: number
  readonly longestDelaySeconds: number
}

const DAY_MS = 24 * 3600 * 1000
/** No more than that in a row, however long it takes (NIST SP 800-63B-4, 3.2.2). */
const MOST_PER_ACCOUNT = 100
const MOST_PER_SOURCE = 1_000_000
/** Longer than whoever judges it is waited for. */
const PENDING_MS = 10_000
const ACCOUNT_KEPT_MS = 30 * DAY_MS
const PLACE_KNOWN_MS = 90 * DAY_MS
const MOST_PLACES = 16
const FAILURES_WINDOW_MS = 5 * 60_000

export function createAttemptStore(scripts: Scripts, limits: AttemptLimits): AttemptStore {
  const take = scripts.load('budgets', 'take-attempt')
  const settle = scripts.load('budgets', 'settle-attempt')
  const forgive = scripts.load('forgive-attempts')
  const count = scripts.load('count-failure')
  const delays = [limits.delaySeconds * 1000, limits.longestDelaySeconds * 1000, PENDING_MS]
  const ofAccount = [limits.perAccount, MOST_PER_ACCOUNT, ...delays, ACCOUNT_KEPT_MS, 'last']
  const ofSource = [limits.perSource, MOST_PER_SOURCE, ...delays, limits.sourceWindowSeconds * 1000, 'first']
  const places = [MOST_PLACES, PLACE_KNOWN_MS]

  return {
    takeFromAccount: async (account, { places: named, otherwise = '' }) =>
      readTaken(await take(attemptKeys.account(account), [...ofAccount, otherwise, ...named])),

    takeFromSource: async (source, budget) =>
      readTaken(await take([attemptKeys.source(source)], [...ofSource, budget])),

    settleInAccount: async (account, { budget, places: named, outcome }) =>
      (await settle(attemptKeys.account(account), [...ofAccount, budget, outcome, ...places, ...named])) === 1,

    settleInSource: async (source, budget, outcome) => {
      const ofSuch = outcome === 'right' ? 'void' : outcome
      return (await settle([attemptKeys.source(source)], [...ofSource, budget, ofSuch, ...places])) === 1
    },

    forgive: async (account) => {
      await forgive([attemptKeys.account(account)[0]], [])
    },

    countFailure: async () => Number(await count([attemptKeys.failures], [FAILURES_WINDOW_MS]))
  }
}

/** Shapes as the head of take-attempt.lua says. */
type TakeReply = ['taken', budget: string] | ['busy'] | ['refused', ms: number] | ['unknown']

function readTaken(reply: unknown): Taken {
  const [kind, detail] = reply as TakeReply
  switch (kind) {
    case 'taken':
      return { kind, budget: detail }
    case 'refused':
      return { kind, retryAfterMs: detail }
    default:
      return { kind }
  }
}
