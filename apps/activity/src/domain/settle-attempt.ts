import type { Attempt, AttemptOutcome } from '@latchkey/contracts/attempts'
import { ok, type Result } from '@latchkey/contracts/errors'
import type { AttemptDeps, SourceBudget } from './attempt-ports.ts'

/** Says how an attempt ended that was let through. */
export async function settleAttempt(
  deps: AttemptDeps,
  { attempt, outcome }: { readonly attempt: Attempt; readonly outcome: AttemptOutcome }
): Promise<Result<Record<never, never>>> {
  await Promise.all([
    settleInAccount(deps, attempt, outcome),
    settleInSource(deps, attempt, outcome),
    outcome === 'wrong' ? noteFailure(deps) : undefined
  ])
  deps.watch.settled(outcome)
  return ok({})
}

async function settleInAccount(
  { attempts, watch }: AttemptDeps,
  { account, budget, places }: Attempt,
  outcome: AttemptOutcome
): Promise<void> {
  if (account === null) return
  if (await attempts.settleInAccount(account, { budget, places, outcome })) watch.alarm('account', account)
}

async function settleInSource(
  { attempts, watch }: AttemptDeps,
  { source, budget }: Attempt,
  outcome: AttemptOutcome
): Promise<void> {
  if (source === null) return
  if (await attempts.settleInSource(source, getSourceBudget(budget), outcome)) watch.alarm('source', source)
}

/** An attempt at identifiers stays one also once it has turned out whose account it made. */
function getSourceBudget(budget: string): SourceBudget {
  return budget === 'identifiers' ? budget : 'secrets'
}

/** One more failure on the platform: many of them are an alarm, wherever each of them comes from. */
export async function noteFailure({ attempts, watch, alarmAt }: AttemptDeps): Promise<void> {
  if ((await attempts.countFailure()) === alarmAt) watch.alarm('platform', undefined)
}
