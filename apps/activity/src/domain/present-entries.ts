import type { EventOf, PlatformEvent } from '@latchkey/contracts/events'
import type { Actor, EndReason } from '@latchkey/contracts/ids'
import type { TimelineEntry } from '@latchkey/contracts/timeline'
import { nameDevice } from '@latchkey/device-name/name-device'

type Facts = Partial<Omit<TimelineEntry, 'id' | 'occurredAt'>> & Pick<TimelineEntry, 'kind'>

/** What an event looks like in a timeline. Ids follow from the event's, so that it makes the same entries each time. */
export function presentEntries(event: PlatformEvent): TimelineEntry[] {
  // There is no timeline any more.
  if (event.name === 'userDeleted') return []
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

function presentFacts(event: Exclude<PlatformEvent, EventOf<'sessionOpened' | 'userDeleted'>>): Facts {
  switch (event.name) {
    case 'userRegistered':
      return { kind: 'user_registered', device: presentClient(event.payload.client) }
    case 'userImported':
      return { kind: 'user_imported' }
    case 'signInFailed':
      return { kind: 'sign_in_failed', device: presentClient(event.payload.client), actor: unknownPerson }
    case 'sessionEnded': {
      const { sessionId, device, reason } = event.payload
      const actor = findEndingActor(reason, event.userId)
      return { kind: 'session_ended', sessionId, device: { name: device.name, ip: device.ip }, reason, actor }
    }
    case 'passwordChanged':
      return { kind: 'password_changed' }
    case 'passwordResetRequested':
      return { kind: 'password_reset_requested', actor: unknownPerson }
    case 'profileChanged':
      return { kind: 'profile_changed', fields: event.payload.fields }
    case 'emailVerified':
      return { kind: 'email_verified' }
    case 'factorEnabled':
      return { kind: 'factor_enabled' }
    case 'factorRemoved':
      return { kind: 'factor_removed' }
    case 'roleChanged':
      return { kind: 'role_changed', role: event.payload.role }
    case 'dataExported':
      return { kind: 'data_exported' }
    case 'userBlocked':
      return { kind: 'user_blocked', reason: event.payload.reason, actor: findBlockingActor(event.payload.reason) }
    case 'userUnblocked':
      return { kind: 'user_unblocked', actor: { kind: 'admin', id: null } }
  }
}

const platform: Actor = { kind: 'system', id: null }
/** Who tries to get in is known only once they are in. */
const unknownPerson: Actor = { kind: 'user', id: null }

/** What ends a session by the platform's rules; a sign-in that takes another one's place is still its user's doing. */
const rules: ReadonlySet<EndReason> = new Set([
  'evicted_by_limit',
  'expired_idle',
  'expired_absolute',
  'refresh_reuse',
  'user_blocked'
])

function findEndingActor(reason: EndReason, userId: string): Actor {
  if (reason === 'revoked_by_admin') return { kind: 'admin', id: null }
  return rules.has(reason) ? platform : { kind: 'user', id: userId }
}

function findBlockingActor(reason: EventOf<'userBlocked'>['payload']['reason']): Actor {
  return reason === 'admin' ? { kind: 'admin', id: null } : platform
}

function presentClient({
  ipAddress,
  userAgent
}: EventOf<'signInFailed'>['payload']['client']): TimelineEntry['device'] {
  return { name: nameDevice(userAgent), ip: ipAddress }
}

/** The actor that the event names; else the one that follows from what happened, which most often is the user. */
function createEntry({ occurredAt, userId, payload }: PlatformEvent, id: string, facts: Facts): TimelineEntry {
  const named = 'actor' in payload ? payload.actor : undefined
  const actor = named ?? facts.actor ?? { kind: 'user', id: userId }
  return { id, occurredAt, sessionId: null, device: null, reason: null, fields: [], ...facts, actor }
}
