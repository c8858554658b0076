import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { Erasures, EventArchive } from './ports.ts'

export interface ErasureDeps {
  readonly erasures: Erasures
  readonly archive: EventArchive
}

/** Events erased at the same time. */
const BATCH = 16

/**
 * Forgets a user who is deleted, their events in the stream included. An event that this service has not seen yet is
 * erased when it comes, see `trackEvent`. Stops before the caller gives up; the next call goes on from there.
 */
export async function eraseUser(
  { erasures, archive }: ErasureDeps,
  { userId }: { readonly userId: string },
  { remainingMs }: { remainingMs(): number }
): Promise<Result<Record<never, never>, 'unavailable'>> {
  const sequences = await erasures.erase(userId)
  for (let start = 0; start < sequences.length; start += BATCH) {
    if (remainingMs() <= 0) return fail('unavailable')
    const batch = sequences.slice(start, start + BATCH)
    const erased = await Promise.allSettled(batch.map((sequence) => archive.erase(userId, sequence)))
    if (erased.some(({ status }) => status === 'rejected')) return fail('unavailable')
    await erasures.forget(userId, batch)
  }
  return ok({})
}

/** Keeps track of whom an event is about. `false` for one about a deleted user, which is erased and is for nobody. */
export async function trackEvent(
  { erasures, archive }: ErasureDeps,
  { userId, sequence }: { readonly userId: string; readonly sequence: number }
): Promise<boolean> {
  if (await erasures.note(userId, sequence)) return true
  await archive.erase(userId, sequence)
  return false
}
