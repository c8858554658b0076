import type { EventOf, PlatformEvent } from '@latchkey/contracts/events'
import type { Timelines, UserStates } from './ports.ts'
import { presentEntries } from './present-entries.ts'

export interface RecordDeps {
  readonly timelines: Timelines
  readonly states: UserStates
}

/** Puts what has happened into the user's timeline; the same event again, or late, changes nothing else. */
export async function recordEvent({ timelines }: RecordDeps, event: PlatformEvent): Promise<void> {
  await timelines.append(event.userId, presentEntries(event))
}

/**
 * A sign-in starts a window. Usually `admit` has said so before the session was opened; this makes up for a sign-in that
 * went through while activity could not be asked, or its first request would be taken for the first after a long absence.
 */
export async function recordSessionOpened(deps: RecordDeps, event: EventOf<'sessionOpened'>): Promise<void> {
  await deps.states.moveLastSeen(event.userId, Date.parse(event.occurredAt))
  await recordEvent(deps, event)
}
