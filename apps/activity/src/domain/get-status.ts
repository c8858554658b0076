import type { Status } from '@latchkey/contracts/activity'
import { ok } from '@latchkey/contracts/errors'
import { type AdmitDeps, getWindowEnd } from './admit-user.ts'
import { presentTime } from './present-time.ts'

/** How the user stands now; asking changes nothing. */
export async function getStatus(
  { states, rules, hearing }: AdmitDeps,
  { userId }: { userId: string }
): Promise<{ readonly ok: true; readonly value: Status }> {
  const judgement = await states.judge(userId, 'background', rules, await hearing.findSince())
  const lastActiveAt = presentTime(judgement.lastSeenMs)
  if (judgement.verdict === 'blocked') {
    const { reason, blockedUntilMs } = judgement
    return ok({ state: 'blocked', lastActiveAt, activeUntil: null, blockedUntil: presentTime(blockedUntilMs), reason })
  }
  if (judgement.adminBlock !== undefined) {
    const blockedUntil = presentTime(judgement.adminBlock.untilMs)
    return ok({ state: 'blocked', lastActiveAt, activeUntil: null, blockedUntil, reason: 'admin' })
  }
  const activeUntil = presentTime(getWindowEnd(rules, judgement.windowStartMs))
  return ok({ state: 'active', lastActiveAt, activeUntil, blockedUntil: null, reason: null })
}
