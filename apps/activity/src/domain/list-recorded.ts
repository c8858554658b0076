import type { activityContract } from '@latchkey/contracts/activity'
import type { ReplyOf, RequestOf } from '@latchkey/contracts/define'
import { ok } from '@latchkey/contracts/errors'
import type { Timelines } from './ports.ts'

/** What was recorded for a user since somebody looked last. */
export async function listRecorded(
  { timelines }: { readonly timelines: Pick<Timelines, 'listRecorded'> },
  { userId, after, limit }: RequestOf<typeof activityContract.listRecorded>
): Promise<{ readonly ok: true; readonly value: ReplyOf<typeof activityContract.listRecorded> }> {
  return ok(await timelines.listRecorded(userId, { after: after ?? undefined, limit }))
}
