import type { AttemptOutcome, attemptsContract } from '@latchkey/contracts/attempts'
import type { Client } from '@latchkey/contracts/define'
import type { Result } from '@latchkey/contracts/errors'

export type Attempts = Client<typeof attemptsContract>

/** Whoever pays for an attempt; `undefined` for nobody. */
export interface LocalPayers {
  readonly account: string | undefined
  readonly source: string | undefined
}

/** Budgets of this process alone, stricter than those that all share, for while nobody can be asked for the latter. */
export interface LocalBudgets {
  /** Waits while all that is left is being judged, but for no longer than the caller does: `unavailable` then. */
  take(
    payers: LocalPayers,
    deadline: { remainingMs(): number }
  ): Promise<Result<void, 'too_many_attempts' | 'unavailable'>>
  /** Right attempts let the account begin anew, and give back what they took from the source. */
  settle(payers: LocalPayers, outcome: AttemptOutcome): void
}

export interface AttemptDeps {
  readonly attempts: Attempts
  readonly localBudgets: LocalBudgets
}
