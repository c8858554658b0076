import type { PlatformEvent } from '@latchkey/contracts/events'
import { type EventListeners, ListenerUnavailable } from '@latchkey/messaging/events'
import { NoResponders } from '@latchkey/messaging/transport'
import { StoreUnavailable } from './domain/ports.ts'
import { type RecordDeps, recordEvent, recordSessionOpened } from './domain/record-event.ts'

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
    userUnblocked: record
  }
}

/** An event waits for the store, and for the connection to those who are told, as long as it takes. */
export async function settle(recorded: Promise<void>): Promise<void> {
  try {
    await recorded
  } catch (cause) {
    if (cause instanceof StoreUnavailable) throw new ListenerUnavailable('the store does not answer', { cause })
    if (cause instanceof NoResponders) throw new ListenerUnavailable('nobody can be told', { cause })
    throw cause
  }
}
