import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { InactivityRules, Purpose, UserStates } from './ports.ts'
import { presentTime } from './present-time.ts'

export interface AdmitDeps {
  readonly states: UserStates
  readonly rules: InactivityRules
}

export interface Admission {
  lastActiveAt: string | null
  activeUntil: string | null
  activeForMs: number | null
  windowMs: number | null
}

/** Judges whether the user may act now; what is admitted counts as activity, unless it runs in the background. */
export async function admitUser(
  { states, rules }: AdmitDeps,
  { userId, purpose }: { userId: string; purpose: Purpose }
): Promise<Result<Admission, 'user_blocked'>> {
  const judgement = await states.judge(userId, purpose, rules)
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
