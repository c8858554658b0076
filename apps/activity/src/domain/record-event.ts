import type { EventOf, PlatformEvent } from '@latchkey/contracts/events'
import type { EventIndex, Timelines, UserStates } from './ports.ts'
import { presentEntries } from './present-entries.ts'

export interface RecordDeps {
  readonly timelines: Pick<Timelines, 'append'>
  readonly events: Pick<EventIndex, 'append' | 'erase'>
  readonly states: Pick<UserStates, 'moveLastSeen'>
  /** Tells whoever listens that there is something new. What it throws lets the event come again. */
  readonly tell: (recorded: { readonly userId: string }) => void
}

/** Puts what has happened into the user's timeline; the same event again, or late, changes nothing else. */
export async function recordEvent({ timelines, events, tell }: RecordDeps, event: PlatformEvent): Promise<void> {
  const { userId } = event
  const entries = presentEntries(event)
  // In this order: whoever deletes the user marks them first and then looks through the events of everybody.
  await events.append(userId, entries)
  const isKept = await timelines.append(userId, entries)
  if (!isKept) {
    await forget({ events }, userId)
    return
  }
  // Also for an event that comes again: a crash may have kept it from being told.
  tell({ userId })
}

/**
 * A sign-in starts a window. Usually `admit` has said so before the session was opened; this makes up for a sign-in that
 * went through while activity could not be asked, or its first request would be taken for the first after a long absence.
 */
export async function recordSessionOpened(deps: RecordDeps, event: EventOf<'sessionOpened'>): Promise<void> {
  await deps.states.moveLastSeen(event.userId, Date.parse(event.occurredAt))
  await recordEvent(deps, event)
}

/** The user was deleted meanwhile. */
async function forget({ events }: Pick<RecordDeps, 'events'>, userId: string): Promise<void> {
  while (!(await events.erase(userId)));
}
