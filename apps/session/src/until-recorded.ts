import { fail, ok } from '@latchkey/contracts/errors'
import type { FlushableRelay } from '@latchkey/outbox/redis'
import type { UntilRecorded } from './domain/announcement-ports.ts'
import { shardOf } from './domain/references.ts'

/** Left of a caller's time, so that the answer arrives within it. */
const ANSWER_MARGIN_MS = 50

/** With `stream` an end counts once the event stream has it too; with `store` it is enough that Redis has. */
export function createUntilRecorded(
  durability: 'store' | 'stream',
  relay: Pick<FlushableRelay, 'flush'>
): UntilRecorded {
  if (durability === 'store') return async () => ok(undefined)
  return async (userId, context) => {
    const late = Promise.withResolvers<false>()
    const timer = setTimeout(() => late.resolve(false), Math.max(0, context.remainingMs() - ANSWER_MARGIN_MS))
    const isRecorded = await Promise.race([relay.flush(shardOf(userId)).then(() => true), late.promise])
    clearTimeout(timer)
    return isRecorded ? ok(undefined) : fail('unavailable')
  }
}
