import { fail, ok } from '@latchkey/contracts/errors'
import type { FlushableRelay } from '@latchkey/outbox/redis'
import type { UntilRecorded } from './domain/announcement-ports.ts'
import type { SessionStore } from './domain/ports.ts'
import { shardOf } from './domain/references.ts'

/** Left of a caller's time, so that the answer arrives within it. */
const ANSWER_MARGIN_MS = 50

/**
 * With `stream` an end counts once the event stream has it too; with `store` it is enough that Redis has. The outbox of a
 * store that has lost the end is as empty as that of one whose events have left: so it has to be the same store still.
 */
export function createUntilRecorded(
  durability: 'store' | 'stream',
  relay: Pick<FlushableRelay, 'flush'>,
  sessions: Pick<SessionStore, 'locate'>
): UntilRecorded {
  if (durability === 'store') return async () => ok(undefined)
  return async ({ userId, serverId }, context) => {
    const withinMs = Math.max(0, context.remainingMs() - ANSWER_MARGIN_MS)
    const isFlushed = await relay.flush(shardOf(userId), withinMs)
    return isFlushed && (await sessions.locate(userId)) === serverId ? ok(undefined) : fail('unavailable')
  }
}
