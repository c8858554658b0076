import type { activityContract } from '@latchkey/contracts/activity'
import type { Handlers } from '@latchkey/contracts/define'
import { type Failure, fail, ok } from '@latchkey/contracts/errors'
import { type AdmitDeps, admitUser } from './domain/admit-user.ts'
import { type ErasureDeps, eraseUser } from './domain/erase-user.ts'
import { getStats } from './domain/get-stats.ts'
import { getStatus } from './domain/get-status.ts'
import { listEvents } from './domain/list-events.ts'
import { listLastActive } from './domain/list-last-active.ts'
import { listRecorded } from './domain/list-recorded.ts'
import { listTimeline } from './domain/list-timeline.ts'
import { type ActivityCounts, type EventIndex, StoreUnavailable, type Timelines, type Use } from './domain/ports.ts'
import { touchUsers } from './domain/touch-users.ts'
import type { Hearing } from './hearing.ts'

export interface HandlerDeps extends AdmitDeps, ErasureDeps {
  readonly timelines: Timelines
  readonly events: EventIndex
  readonly counts: ActivityCounts
}

export function createHandlers(deps: HandlerDeps): Handlers<typeof activityContract> {
  return {
    admit: (request) => answer(admitUser(deps, request)),
    getStatus: (request) => answer(getStatus(deps, request)),
    listTimeline: (request) => answer(listTimeline(deps, request)),
    listRecorded: (request) => answer(listRecorded(deps, request)),
    listEvents: (request) => answer(listEvents(deps, request)),
    getStats: () => answer(getStats(deps)),
    listLastActive: (request) => answer(listLastActive(deps, request)),
    erase: (request, context) => answer(eraseUser(deps, request, context))
  }
}

/** Takes a batch of activity. While the store is down it is lost, and that is noted; later batches make up for it. */
export function createTouchListener(
  deps: Pick<HandlerDeps, 'states'>,
  { noteLoss }: Pick<Hearing, 'noteLoss'>
): (uses: readonly Use[]) => Promise<void> {
  return async (uses) => {
    const taken = await answer(touchUsers(deps, uses).then(ok))
    if (!taken.ok) noteLoss()
  }
}

/** Says `unavailable` for a store that does not answer. */
export async function answer<T>(result: Promise<T>): Promise<T | Failure<'unavailable'>> {
  try {
    return await result
  } catch (err) {
    if (err instanceof StoreUnavailable) return fail('unavailable')
    throw err
  }
}
