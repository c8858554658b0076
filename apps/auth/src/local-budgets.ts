import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { LocalBudgets, LocalPayers } from './domain/attempt-ports.ts'

interface Budget {
  readonly limit: number
  failed: number
  pending: number
  /** When it begins anew; counts from the first attempt. */
  resetsAtMs: number
}

type Answer = Result<void, 'too_many_attempts' | 'unavailable'>

const LIMITS = { account: 5, source: 20 } as const
const WINDOW_MS = 15 * 60_000
/** Whoever comes when all of these are in use is not let through: to forget others would let those try again. */
const MAX_BUDGETS = 20_000

/** `nowMs` is monotonic. */
export function createLocalBudgets({ nowMs }: { readonly nowMs: () => number }): LocalBudgets {
  const budgets = new Map<string, Budget>()
  let settled = Promise.withResolvers<void>()

  const find = (key: string, limit: number): Budget => {
    const now = nowMs()
    const known = budgets.get(key)
    if (known !== undefined && now < known.resetsAtMs) return known
    return { limit, failed: 0, pending: 0, resetsAtMs: now + WINDOW_MS }
  }
  const listBudgets = ({ account, source }: LocalPayers): [key: string, budget: Budget][] =>
    Object.entries({ account, source }).flatMap(([kind, value]): [string, Budget][] => {
      const key = `${kind} ${value}`
      return value === undefined ? [] : [[key, find(key, LIMITS[kind as keyof typeof LIMITS])]]
    })
  const makeRoom = (): boolean => {
    if (budgets.size < MAX_BUDGETS) return true
    for (const [key, { resetsAtMs }] of budgets) if (resetsAtMs <= nowMs()) budgets.delete(key)
    return budgets.size < MAX_BUDGETS
  }

  const take = (payers: LocalPayers): Answer | 'busy' => {
    const paying = listBudgets(payers)
    const empty = paying.find(([, { failed, limit }]) => failed >= limit)
    if (empty !== undefined) {
      const seconds = Math.ceil((empty[1].resetsAtMs - nowMs()) / 1000)
      return fail('too_many_attempts', { retryAfterSeconds: Math.max(1, seconds) })
    }
    if (paying.some(([, { failed, pending, limit }]) => failed + pending >= limit)) return 'busy'
    if (!paying.every(([key]) => budgets.has(key)) && !makeRoom()) return fail('unavailable')
    for (const [key, budget] of paying) {
      budget.pending += 1
      budgets.set(key, budget)
    }
    return ok(undefined)
  }

  return {
    take: async (payers, deadline) => {
      for (;;) {
        const answer = take(payers)
        if (answer !== 'busy') return answer
        if (deadline.remainingMs() <= 0) return fail('unavailable')
        await settled.promise
      }
    },

    settle: (payers, outcome) => {
      for (const [key, budget] of listBudgets(payers)) {
        budget.pending = Math.max(0, budget.pending - 1)
        if (outcome === 'wrong') budget.failed += 1
        if (outcome === 'right' && budget.limit === LIMITS.account) budget.failed = 0
        if (budget.failed === 0 && budget.pending === 0) budgets.delete(key)
      }
      settled.resolve()
      settled = Promise.withResolvers<void>()
    }
  }
}
