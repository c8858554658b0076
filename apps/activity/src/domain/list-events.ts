import type { activityContract } from '@latchkey/contracts/activity'
import type { ReplyOf, RequestOf } from '@latchkey/contracts/define'
import { failField, ok, type Result } from '@latchkey/contracts/errors'
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
  const first = readMoment('from', from)
  if (!first.ok) return first
  const end = readMoment('to', to)
  if (!end.ok) return end
  const range = { before: before.value, fromMs: first.value, toMs: end.value }
  const query = { kind: kind ?? undefined, limit: limit + 1, ...range }
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

/** In ms. What has the form of a time need not be one. */
function readMoment(field: string, entered: string | null): Result<number | undefined, 'invalid_request'> {
  const ms = entered === null ? undefined : Date.parse(entered)
  return Number.isNaN(ms) ? failField(field, 'invalid_format', 'is no moment of any day') : ok(ms)
}
