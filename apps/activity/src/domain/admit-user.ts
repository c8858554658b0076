import type { activityContract } from '@latchkey/contracts/activity'
import type { RequestOf } from '@latchkey/contracts/define'
import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { AttemptDeps } from './attempt-ports.ts'
import type { InactivityRules, UserStates } from './ports.ts'
import { presentTime } from './present-time.ts'
import { settleAttempt } from './settle-attempt.ts'

export interface AdmitDeps extends AttemptDeps {
  readonly states: UserStates
  readonly rules: InactivityRules
  readonly hearing: { findSince(): Promise<number> }
}

export interface Admission {
  lastActiveAt: string | null
  activeUntil: string | null
  activeForMs: number | null
  windowMs: number | null
}

/** Judges whether the user may act now; what is admitted counts as activity, unless it runs in the background. */
export async function admitUser(
  deps: AdmitDeps,
  { userId, purpose, attempt }: RequestOf<typeof activityContract.admit>
): Promise<Result<Admission, 'user_blocked'>> {
  const { states, rules, hearing } = deps
  const [judgement] = await Promise.all([
    hearing.findSince().then((sinceMs) => states.judge(userId, purpose, rules, sinceMs)),
    attempt === undefined ? undefined : settleAttempt(deps, { attempt, outcome: 'right' })
  ])
  if (judgement.verdict === 'admitted') {
    const { nowMs, lastSeenMs, windowStartMs } = judgement
    const windowEndMs = getWindowEnd(rules, windowStartMs)
    return ok({
      lastActiveAt: presentTime(lastSeenMs),
      activeUntil: presentTime(windowEndMs),
      activeForMs: windowEndMs === undefined ? null : Math.max(0, windowEndMs - nowMs),
      windowMs: rules.windowMs === 0 ? null : rules.windowMs
    })
  }
  const { reason, blockedUntilMs, nowMs } = judgement
  return fail('user_blocked', {
    reason,
    blockedUntil: presentTime(blockedUntilMs),
    retryAfterSeconds: Math.max(1, Math.ceil((blockedUntilMs - nowMs) / 1000))
  })
}

/** The first moment at which a request is too late; `undefined` where no window runs. */
export function getWindowEnd({ windowMs }: InactivityRules, windowStartMs: number | undefined): number | undefined {
  return windowMs === 0 || windowStartMs === undefined ? undefined : windowStartMs + windowMs
}
