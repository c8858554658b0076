import type { Attempt, AttemptOutcome, attemptsContract } from '@latchkey/contracts/attempts'
import type { CallContext, RequestOf } from '@latchkey/contracts/define'
import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { AttemptDeps, LocalPayers } from './attempt-ports.ts'
import { callWithin } from './calls.ts'
import { getSource } from './source.ts'

type Request = RequestOf<typeof attemptsContract.take>

/** Long enough for activity to wait a moment itself. */
const TAKE_TIMEOUT_MS = 600
const SETTLE_TIMEOUT_MS = 400
/** What judging the attempt will take: with less time left it is not worth taking one. */
const JUDGING_MS = 500

/** An attempt that may be judged now. */
export interface OpenAttempt {
  /** As `activity.admit` settles it on the way; `undefined` where it was taken from a budget of this process. */
  readonly shared: Attempt | undefined
  /** Says how it ended. `account`: whose it turned out to be. Never throws: what cannot be told counts as wrong later. */
  settle(outcome: AttemptOutcome, account?: string): Promise<void>
}

/** Takes an attempt from the budgets that all share or, while these cannot be had, from stricter ones of this process. */
export async function takeAttempt(
  deps: AttemptDeps,
  request: Request,
  context: CallContext
): Promise<Result<OpenAttempt, 'too_many_attempts' | 'unavailable'>> {
  for (;;) {
    const taken = await deps.attempts.take(request, callWithin(context, TAKE_TIMEOUT_MS))
    if (!taken.ok) return taken.code === 'too_many_attempts' ? taken : await takeLocally(deps, request, context)
    const { attempt } = taken.value
    if (attempt !== null) return ok(openShared(deps, attempt, context))
    if (context.remainingMs() <= JUDGING_MS) return fail('unavailable')
  }
}

function openShared({ attempts }: AttemptDeps, shared: Attempt, context: CallContext): OpenAttempt {
  return {
    shared,
    settle: async (outcome, account = shared.account ?? undefined) => {
      const attempt = { ...shared, account: account ?? null }
      await attempts.settle({ attempt, outcome }, callWithin(context, SETTLE_TIMEOUT_MS))
    }
  }
}

async function takeLocally(
  { localBudgets }: AttemptDeps,
  request: Request,
  context: CallContext
): Promise<Result<OpenAttempt, 'too_many_attempts' | 'unavailable'>> {
  const payers = listPayers(request)
  const taken = await localBudgets.take(payers, { remainingMs: () => context.remainingMs() - JUDGING_MS })
  if (!taken.ok) return taken
  return ok({ shared: undefined, settle: async (outcome) => localBudgets.settle(payers, outcome) })
}

/** Who is signed in does not suffer from who is not, and who signs in not from who signs up. */
function listPayers({ account, origin }: Request): LocalPayers {
  if (origin === null) return { account: `${account} signed in`, source: undefined }
  const source = getSource(origin.ipAddress)
  return account === null ? { account: undefined, source: `${source} signing up` } : { account, source }
}
