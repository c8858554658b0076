import type { AttemptOutcome } from '@latchkey/contracts/attempts'

/** What became of asking a budget for one attempt more. */
export type Taken =
  | { readonly kind: 'taken'; readonly budget: string }
  /** All that is left of it is being judged. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'refused'; readonly retryAfterMs: number }
  /** The account knows none of the places that it was to be taken from. */
  | { readonly kind: 'unknown' }

export interface AccountQuestion {
  /** The first of these that the account knows has a budget of its own there. */
  readonly places: readonly string[]
  /** The budget where it knows none; without one nothing is taken. */
  readonly otherwise: string | undefined
}

export interface SettledAttempt {
  readonly budget: string
  /** Known to the account from now on if the attempt was right. */
  readonly places: readonly string[]
  readonly outcome: AttemptOutcome
}

/** A source's guesses at secrets, and those at identifiers that somebody has: neither keeps it from the other. */
export type SourceBudget = 'secrets' | 'identifiers'

/**
 * Each method is one atomic step: of any number of calls at once no more are let through than the budget has left. A
 * budget counts what was wrong in a row; at the limit it takes nothing for a while, which is twice as long after each
 * attempt more, and in an account nothing at all after the hundredth. Throws `StoreUnavailable`.
 */
export interface AttemptStore {
  takeFromAccount(account: string, question: AccountQuestion): Promise<Taken>
  /** Right attempts give back what they took, and no more: whoever has an account does not buy guesses with it. */
  takeFromSource(source: string, budget: SourceBudget): Promise<Taken>
  /** Whether it was the wrong attempt with which the budget came to its limit. */
  settleInAccount(account: string, attempt: SettledAttempt): Promise<boolean>
  settleInSource(source: string, budget: SourceBudget, outcome: AttemptOutcome): Promise<boolean>
  /** All budgets begin anew. Known places stay. */
  forgive(account: string): Promise<void>
  /** Counts an attempt that failed anywhere: how many there were, this one included, within the running few minutes. */
  countFailure(): Promise<number>
}

export type AttemptScope = 'account' | 'source' | 'platform'

/** Where operators see what happens. */
export interface AttemptWatch {
  settled(outcome: AttemptOutcome): void
  refused(by: 'account' | 'source'): void
  /** A limit was reached. `subject`: the account or source, `undefined` for the platform as a whole. */
  alarm(scope: AttemptScope, subject: string | undefined): void
}

export interface AttemptDeps {
  readonly attempts: AttemptStore
  readonly watch: AttemptWatch
  /** What an address is counted by: itself, or the network of one customer. */
  readonly sourceOf: (ipAddress: string) => string
  /** So many failures on the whole platform within a few minutes are an alarm. */
  readonly alarmAt: number
}
