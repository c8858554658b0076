import type { activityContract } from '@latchkey/contracts/activity'
import type { ReplyOf } from '@latchkey/contracts/define'
import { ok } from '@latchkey/contracts/errors'
import { STATS_MINUTES } from '@latchkey/contracts/ids'
import type { ActivityCounts, CountOf } from './ports.ts'

const MINUTE_MS = 60_000

/** How much happened lately, from what was counted as it happened. */
export async function getStats({ counts }: { readonly counts: ActivityCounts }): Promise<{
  readonly ok: true
  readonly value: ReplyOf<typeof activityContract.getStats>
}> {
  const { minute: last, active, lastActive, failures, blocked } = await counts.read()
  const minutes = Array.from({ length: STATS_MINUTES }, (_, i) => last - STATS_MINUTES + 1 + i)
  const sum = (count: CountOf) => minutes.reduce((total, minute) => total + count(minute), 0)
  return ok({
    activeUsers: sum(lastActive),
    failures: sum(failures),
    blocked: sum(blocked),
    points: minutes.map((minute) => ({
      at: new Date(minute * MINUTE_MS).toISOString(),
      activeUsers: active(minute),
      failures: failures(minute),
      blocked: blocked(minute)
    }))
  })
}
