import Type, { type Static } from 'typebox'
import { Actor, BlockReason, EndReason, Nullable, Role, SessionId, Timestamp, UserId } from './ids.ts'

export const TimelineKind = Type.Union([
  Type.Literal('user_registered'),
  Type.Literal('user_imported'),
  Type.Literal('signed_in'),
  Type.Literal('sign_in_failed'),
  Type.Literal('new_device'),
  Type.Literal('session_ended'),
  Type.Literal('password_changed'),
  Type.Literal('password_reset_requested'),
  Type.Literal('profile_changed'),
  Type.Literal('email_verified'),
  Type.Literal('factor_enabled'),
  Type.Literal('factor_removed'),
  Type.Literal('role_changed'),
  Type.Literal('data_exported'),
  Type.Literal('user_blocked'),
  Type.Literal('user_unblocked')
])
export type TimelineKind = Static<typeof TimelineKind>

/** One thing that happened to a user, newest first in a timeline. */
export const TimelineEntry = Type.Object({
  id: Type.String({ maxLength: 64 }),
  kind: TimelineKind,
  occurredAt: Timestamp,
  sessionId: Nullable(SessionId),
  device: Nullable(Type.Object({ name: Type.String({ maxLength: 80 }), ip: Type.String({ maxLength: 45 }) })),
  reason: Nullable(Type.Union([EndReason, BlockReason])),
  /** Which fields a `profile_changed` entry is about. */
  fields: Type.Array(Type.String({ maxLength: 40 }), { maxItems: 10 }),
  /** Not there in entries from before it was kept. */
  actor: Type.Optional(Actor),
  /** The role that a `role_changed` entry is about. */
  role: Type.Optional(Role)
})
export type TimelineEntry = Static<typeof TimelineEntry>

/** Where in the order of recording an entry stands. Grows within a user; `0-0` is before the first. */
export const Position = Type.String({ pattern: '^\\d{1,15}-\\d{1,10}$', maxLength: 26 })

/** An entry and its place. Late news stand at the end of this order, but in a timeline where their time puts them. */
export const RecordedEntry = Type.Object({ position: Position, entry: TimelineEntry })
export type RecordedEntry = Static<typeof RecordedEntry>

/** An entry of anybody's timeline. */
export const PlatformEntry = Type.Object({ userId: UserId, ...TimelineEntry.properties })
export type PlatformEntry = Static<typeof PlatformEntry>
