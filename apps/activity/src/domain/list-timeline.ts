import type { activityContract } from '@latchkey/contracts/activity'
import type { ReplyOf, RequestOf } from '@latchkey/contracts/define'
import { ok, type Result } from '@latchkey/contracts/errors'
import type { Timelines } from './ports.ts'
import { createPage, readCursor } from './timeline-cursor.ts'

/** One page of the user's timeline, newest first. The cursor names the last entry shown, so new ones move nothing. */
export async function listTimeline(
  { timelines }: { readonly timelines: Pick<Timelines, 'list'> },
  { userId, kind, limit, cursor }: RequestOf<typeof activityContract.listTimeline>
): Promise<Result<ReplyOf<typeof activityContract.listTimeline>, 'invalid_request'>> {
  const before = readCursor(cursor)
  if (!before.ok) return before
  const found = await timelines.list(userId, { kind: kind ?? undefined, limit: limit + 1, before: before.value })
  return ok(createPage(found, limit))
}
