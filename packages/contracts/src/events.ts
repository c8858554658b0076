import Type, { type Static, type TSchema } from 'typebox'
import { IdentifierKind } from './auth.ts'
import { Actor, BlockReason, ClientInfo, EndReason, Nullable, Role, SessionId, Timestamp, UserId } from './ids.ts'
import { Device, Method } from './session-schema.ts'

/** Something that has happened; named in the past tense. */
export interface EventDefinition {
  readonly subject: string
  readonly payload: TSchema
  /** Completes the sentence "Sent when …" in what consumers read. */
  readonly sentWhen: string
  /** A payload as it may come. */
  readonly example: object
}

/** Left out where the user did it, or the rest of the event tells. */
const actor = Type.Optional(Actor)

const defineEvents = <const E extends Readonly<Record<string, EventDefinition>>>(events: E): E => events

const byAdmin = { actor: { kind: 'admin', id: '019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b99' } }
const client = { ipAddress: '203.0.113.7', userAgent: 'Mozilla/5.0 (Macintosh) Chrome/142' }
const session = {
  sessionId: '7fq0ZlX2m4n8VbYc1sT6dKe9RwGh3JuAoP',
  device: { id: null, name: 'Chrome on macOS', userAgent: client.userAgent, ip: client.ipAddress }
}

/**
 * Every event of the platform. A payload only ever gains optional fields; anything else is a new version. Subjects are
 * what `subjectOf` makes of the names.
 */
export const events = defineEvents({
  userRegistered: {
    subject: 'event.user_registered',
    payload: Type.Object({ identifiers: Type.Array(IdentifierKind), client: ClientInfo }),
    sentWhen: 'somebody has signed up, or the first admin was made by command',
    example: { identifiers: ['email'], client }
  },
  userImported: {
    subject: 'event.user_imported',
    payload: Type.Object({ actor }),
    sentWhen: 'an admin has imported the user',
    example: byAdmin
  },
  signInFailed: {
    subject: 'event.sign_in_failed',
    payload: Type.Object({ client: ClientInfo }),
    sentWhen:
      'somebody gave a wrong password or second factor for a user there is; attempts to guess a name are no events',
    example: { client }
  },
  passwordChanged: {
    subject: 'event.password_changed',
    payload: Type.Object({ actor }),
    sentWhen: 'a password was changed, by its user or by a link that was mailed',
    example: {}
  },
  passwordResetRequested: {
    subject: 'event.password_reset_requested',
    payload: Type.Object({ actor }),
    sentWhen: 'a link to reset the password is to be mailed',
    example: byAdmin
  },
  emailVerified: {
    subject: 'event.email_verified',
    payload: Type.Object({}),
    sentWhen: 'the user has followed the link in the mail to their address',
    example: {}
  },
  factorEnabled: {
    subject: 'event.factor_enabled',
    payload: Type.Object({}),
    sentWhen: 'a second factor was confirmed by its first code',
    example: {}
  },
  factorRemoved: {
    subject: 'event.factor_removed',
    payload: Type.Object({ actor }),
    sentWhen: 'the second factor was taken off',
    example: byAdmin
  },
  roleChanged: {
    subject: 'event.role_changed',
    payload: Type.Object({ role: Role, actor }),
    sentWhen: 'an admin has given the user another role, which is the one told',
    example: { role: 'admin', ...byAdmin }
  },
  dataExported: {
    subject: 'event.data_exported',
    payload: Type.Object({ actor }),
    sentWhen:
      'users have exported what is held about them, or an admin (then the user of the event) has exported all users',
    example: {}
  },
  profileChanged: {
    subject: 'event.profile_changed',
    payload: Type.Object({ fields: Type.Array(Type.String({ maxLength: 40 }), { maxItems: 10 }), actor }),
    sentWhen: 'names, addresses or other identifiers have changed: which, not to what',
    example: { fields: ['firstName', 'email'] }
  },
  sessionOpened: {
    subject: 'event.session_opened',
    payload: Type.Object({ sessionId: SessionId, device: Device, method: Method, newDevice: Type.Boolean() }),
    sentWhen: 'somebody has signed in; `newDevice` where never before from this device',
    example: { ...session, method: 'password', newDevice: true }
  },
  sessionEnded: {
    subject: 'event.session_ended',
    payload: Type.Object({ sessionId: SessionId, device: Device, reason: EndReason, actor }),
    sentWhen: 'a session is over; one that ran out by time is told of when that is next noticed',
    example: { ...session, reason: 'revoked_by_admin', ...byAdmin }
  },
  userBlocked: {
    subject: 'event.user_blocked',
    payload: Type.Object({ reason: BlockReason, blockedUntil: Nullable(Timestamp), actor }),
    sentWhen: 'a block has begun; `blockedUntil` is `null` for one without an end',
    example: { reason: 'inactivity', blockedUntil: '2026-11-21T09:45:00.000Z' }
  },
  userUnblocked: {
    subject: 'event.user_unblocked',
    payload: Type.Object({ actor }),
    sentWhen: 'an admin has lifted a block; one that is over by its time ends without an event',
    example: byAdmin
  },
  userDeleted: {
    subject: 'event.user_deleted',
    payload: Type.Object({ actor }),
    sentWhen:
      'a user was deleted. It is all that stays: its `userId` is a pseudonym made for this event, which leads to nobody. No actor where users deleted themselves',
    example: byAdmin
  }
})

export type EventName = keyof typeof events

/** The subject of an event by its name, also of one that only a newer version knows. */
export function subjectOf(name: string): string {
  return `event.${name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`
}

/** What every event has in common, whatever happened. */
export const Envelope = Type.Object({
  /** Stable: the same happening keeps its id however often it is delivered. */
  id: Type.String({ minLength: 8, maxLength: 64 }),
  version: Type.Literal(1),
  name: Type.String({ maxLength: 40 }),
  userId: UserId,
  occurredAt: Timestamp
})

/** What is true of an event of any version: enough to relay it, and to know whom it is about. */
export const AnyEvent = Type.Object({
  ...Envelope.properties,
  version: Type.Integer({ minimum: 1 }),
  name: Type.String({ pattern: '^[a-z][A-Za-z]*$', maxLength: 40 }),
  payload: Type.Unknown()
})
export type AnyEvent = Static<typeof AnyEvent>

export type EventOf<N extends EventName> = N extends EventName
  ? Static<typeof Envelope> & { readonly name: N; readonly payload: Static<(typeof events)[N]['payload']> }
  : never

/** Any event, narrowed by its `name`. */
export type PlatformEvent = EventOf<EventName>
