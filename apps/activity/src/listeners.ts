import type { PlatformEvent } from '@latchkey/contracts/events'
import type { StoredEvent } from '@latchkey/messaging/events'
import { type EventListeners, ListenerUnavailable } from '@latchkey/messaging/listen'
import { NoResponders } from '@latchkey/messaging/transport'
import { type ErasureDeps, trackEvent } from './domain/erase-user.ts'
import { StoreUnavailable } from './domain/ports.ts'
import { type RecordDeps, recordEvent, recordSessionOpened } from './domain/record-event.ts'

/** Whether an event is to be taken; the stream is told again of one that could not be looked up. */
export function createAdmission(deps: Omit<ErasureDeps, 'events'>): (event: StoredEvent) => Promise<boolean> {
  return (event) => settle(trackEvent(deps, event))
}

/** Events that leave a trace in the user's timeline. */
export function createListeners(deps: RecordDeps): Required<EventListeners> {
  const record = (event: PlatformEvent) => settle(recordEvent(deps, event))
  return {
    userRegistered: record,
    userImported: record,
    signInFailed: record,
    passwordChanged: record,
    passwordResetRequested: record,
    profileChanged: record,
    emailVerified: record,
    factorEnabled: record,
    factorRemoved: record,
    roleChanged: record,
    dataExported: record,
    sessionOpened: (event) => settle(recordSessionOpened(deps, event)),
    sessionEnded: record,
    userBlocked: record,
    userUnblocked: record,
    userDeleted: async () => undefined
  }
}

/** An event waits for the store, and for the connection to those who are told, as long as it takes. */
export async function settle<T>(recorded: Promise<T>): Promise<T> {
  try {
    return await recorded
  } catch (cause) {
    if (cause instanceof StoreUnavailable) throw new ListenerUnavailable('the store does not answer', { cause })
    if (cause instanceof NoResponders) throw new ListenerUnavailable('nobody can be told', { cause })
    throw cause
  }
}
