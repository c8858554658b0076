import type { activityContract } from '@latchkey/contracts/activity'
import type { ReplyOf, RequestOf } from '@latchkey/contracts/define'
import { ok, type Result } from '@latchkey/contracts/errors'
import type { PlatformEntry } from '@latchkey/contracts/timeline'
import type { EventIndex, TimelineQuery, Timelines } from './ports.ts'
import { createPage, readCursor } from './timeline-cursor.ts'

export interface ListEventsDeps {
  readonly timelines: Pick<Timelines, 'list'>
  readonly events: EventIndex
}

/** One page of what happened to anybody, newest first; of one user it is as much as their timeline holds. */
export async function listEvents(
  deps: ListEventsDeps,
  { userId, kind, from, to, limit, cursor }: RequestOf<typeof activityContract.listEvents>
): Promise<Result<ReplyOf<typeof activityContract.listEvents>, 'invalid_request'>> {
  const before = readCursor(cursor)
  if (!before.ok) return before
  const [fromMs, toMs] = [from, to].map((time) => (time === null ? undefined : Date.parse(time)))
  const query = { kind: kind ?? undefined, limit: limit + 1, before: before.value, fromMs, toMs }
  const found = userId === null ? await deps.events.list(query) : await listOfUser(deps, userId, query)
  return ok(createPage(found, limit))
}

async function listOfUser(
  { timelines }: ListEventsDeps,
  userId: string,
  query: TimelineQuery
): Promise<PlatformEntry[]> {
  return (await timelines.list(userId, query)).map((entry) => ({ userId, ...entry }))
}
