import type { activityContract } from '@latchkey/contracts/activity'
import type { ReplyOf } from '@latchkey/contracts/define'
import type { sessionAdminContract } from '@latchkey/contracts/session-admin'

/** One chart of the two services' counts: a minute that only one of them has reached is empty for the other. */
export function presentStats(
  { points, ...sessions }: ReplyOf<typeof sessionAdminContract.getStats>,
  { points: activityPoints, ...users }: ReplyOf<typeof activityContract.getStats>
) {
  const byTime = new Map(activityPoints.map((point) => [point.at, point]))
  return {
    ...sessions,
    ...users,
    points: points.map((point) => ({
      activeUsers: 0,
      failures: 0,
      blocked: 0,
      ...byTime.get(point.at),
      ...point
    }))
  }
}
