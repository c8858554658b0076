import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { Erasures, EventArchive, EventIndex } from './ports.ts'

export interface ErasureDeps {
  readonly erasures: Erasures
  readonly archive: EventArchive
  readonly events: Pick<EventIndex, 'erase'>
}

interface Deadline {
  remainingMs(): number
}

/** Events erased at the same time. */
const BATCH = 16

/**
 * Forgets a user who is deleted, their events in the stream included. An event that this service has not seen yet is
 * erased when it comes, see `trackEvent`. Stops before the caller gives up; the next call goes on from there.
 */
export async function eraseUser(
  deps: ErasureDeps,
  { userId }: { readonly userId: string },
  deadline: Deadline
): Promise<Result<Record<never, never>, 'unavailable'>> {
  const sequences = await deps.erasures.erase(userId)
  const erased =
    (await eraseStored(deps, { userId, sequences }, deadline)) && (await eraseIndexed(deps, userId, deadline))
  return erased ? ok({}) : fail('unavailable')
}

async function eraseStored(
  { erasures, archive }: ErasureDeps,
  { userId, sequences }: { readonly userId: string; readonly sequences: readonly number[] },
  deadline: Deadline
): Promise<boolean> {
  for (let start = 0; start < sequences.length; start += BATCH) {
    if (deadline.remainingMs() <= 0) return false
    const batch = sequences.slice(start, start + BATCH)
    const outcomes = await Promise.allSettled(batch.map((sequence) => archive.erase(userId, sequence)))
    if (outcomes.some(({ status }) => status === 'rejected')) return false
    await erasures.forget(userId, batch)
  }
  return true
}

async function eraseIndexed({ events }: ErasureDeps, userId: string, deadline: Deadline): Promise<boolean> {
  while (!(await events.erase(userId))) {
    if (deadline.remainingMs() <= 0) return false
  }
  return true
}

/** Keeps track of whom an event is about. `false` for one about a deleted user, which is erased and is for nobody. */
export async function trackEvent(
  { erasures, archive }: Omit<ErasureDeps, 'events'>,
  { userId, sequence }: { readonly userId: string; readonly sequence: number }
): Promise<boolean> {
  if (await erasures.note(userId, sequence)) return true
  await archive.erase(userId, sequence)
  return false
}
