import type { TimelineEntry } from '@latchkey/contracts/activity'
import type { EventOf, PlatformEvent } from '@latchkey/contracts/events'
import { nameDevice } from './name-device.ts'

type Facts = Partial<Omit<TimelineEntry, 'id' | 'occurredAt'>> & Pick<TimelineEntry, 'kind'>

/** What an event looks like in a timeline. Ids follow from the event's, so that it makes the same entries each time. */
export function presentEntries(event: PlatformEvent): TimelineEntry[] {
  if (event.name === 'sessionOpened') return presentSessionOpened(event)
  return [createEntry(event, event.id, presentFacts(event))]
}

function presentSessionOpened(event: EventOf<'sessionOpened'>): TimelineEntry[] {
  const { sessionId, device, newDevice } = event.payload
  const facts = { sessionId, device: { name: device.name, ip: device.ip } }
  const signedIn = createEntry(event, event.id, { kind: 'signed_in', ...facts })
  if (!newDevice) return [signedIn]
  return [signedIn, createEntry(event, `${sessionId}:new_device`, { kind: 'new_device', ...facts })]
}

function presentFacts(event: Exclude<PlatformEvent, EventOf<'sessionOpened'>>): Facts {
  switch (event.name) {
    case 'userRegistered':
      return { kind: 'user_registered', device: presentClient(event.payload.client) }
    case 'signInFailed':
      return { kind: 'sign_in_failed', device: presentClient(event.payload.client) }
    case 'sessionEnded': {
      const { sessionId, device, reason } = event.payload
      return { kind: 'session_ended', sessionId, device: { name: device.name, ip: device.ip }, reason }
    }
    case 'passwordChanged':
      return { kind: 'password_changed' }
    case 'profileChanged':
      return { kind: 'profile_changed', fields: event.payload.fields }
    case 'userBlocked':
      return { kind: 'user_blocked', reason: event.payload.reason }
  }
}

function presentClient({
  ipAddress,
  userAgent
}: EventOf<'signInFailed'>['payload']['client']): TimelineEntry['device'] {
  return { name: nameDevice(userAgent), ip: ipAddress }
}

function createEntry({ occurredAt }: PlatformEvent, id: string, facts: Facts): TimelineEntry {
  return { id, occurredAt, sessionId: null, device: null, reason: null, fields: [], ...facts }
}
