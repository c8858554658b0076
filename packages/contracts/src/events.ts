import Type, { type Static, type TSchema } from 'typebox'
import { BlockReason } from './activity.ts'
import { IdentifierKind } from './auth.ts'
import { Actor, ClientInfo, EndReason, Nullable, Role, SessionId, Timestamp, UserId } from './ids.ts'
import { Device, Method } from './session-schema.ts'

/** Something that has happened; named in the past tense. */
export interface EventDefinition {
  readonly subject: string
  readonly payload: TSchema
}

/** Left out where the user did it, or the rest of the event tells. */
const actor = Type.Optional(Actor)

const defineEvents = <const E extends Readonly<Record<string, EventDefinition>>>(events: E): E => events

/** Every event of the platform. A payload only ever gains optional fields; anything else is a new version. */
export const events = defineEvents({
  userRegistered: {
    subject: 'event.user_registered',
    payload: Type.Object({ identifiers: Type.Array(IdentifierKind), client: ClientInfo })
  },
  userImported: { subject: 'event.user_imported', payload: Type.Object({ actor }) },
  signInFailed: { subject: 'event.sign_in_failed', payload: Type.Object({ client: ClientInfo }) },
  passwordChanged: { subject: 'event.password_changed', payload: Type.Object({ actor }) },
  passwordResetRequested: { subject: 'event.password_reset_requested', payload: Type.Object({ actor }) },
  emailVerified: { subject: 'event.email_verified', payload: Type.Object({}) },
  factorEnabled: { subject: 'event.factor_enabled', payload: Type.Object({}) },
  factorRemoved: { subject: 'event.factor_removed', payload: Type.Object({ actor }) },
  roleChanged: { subject: 'event.role_changed', payload: Type.Object({ role: Role, actor }) },
  dataExported: { subject: 'event.data_exported', payload: Type.Object({ actor }) },
  profileChanged: {
    subject: 'event.profile_changed',
    payload: Type.Object({ fields: Type.Array(Type.String({ maxLength: 40 }), { maxItems: 10 }), actor })
  },
  sessionOpened: {
    subject: 'event.session_opened',
    payload: Type.Object({ sessionId: SessionId, device: Device, method: Method, newDevice: Type.Boolean() })
  },
  sessionEnded: {
    subject: 'event.session_ended',
    payload: Type.Object({ sessionId: SessionId, device: Device, reason: EndReason, actor })
  },
  userBlocked: {
    subject: 'event.user_blocked',
    payload: Type.Object({ reason: BlockReason, blockedUntil: Nullable(Timestamp), actor })
  },
  /** Somebody lifted a block; one that is over by its time ends without an event. */
  userUnblocked: { subject: 'event.user_unblocked', payload: Type.Object({ actor }) },
  /**
   * All that stays of a deleted user. Its `userId` is a pseudonym made for this event: it leads to nobody. No actor where
   * users deleted themselves.
   */
  userDeleted: { subject: 'event.user_deleted', payload: Type.Object({ actor }) }
})

export type EventName = keyof typeof events

/** What every event has in common, whatever happened. */
export const Envelope = Type.Object({
  /** Stable: the same happening keeps its id however often it is delivered. */
  id: Type.String({ minLength: 8, maxLength: 64 }),
  version: Type.Literal(1),
  name: Type.String({ maxLength: 40 }),
  userId: UserId,
  occurredAt: Timestamp
})

export type EventOf<N extends EventName> = N extends EventName
  ? Static<typeof Envelope> & { readonly name: N; readonly payload: Static<(typeof events)[N]['payload']> }
  : never

/** Any event, narrowed by its `name`. */
export type PlatformEvent = EventOf<EventName>
