import Type, { type Static } from 'typebox'
import { EndReason, Nullable, SessionId, Timestamp, UserId } from './ids.ts'

export const Device = Type.Object({
  /** `null` when the client did not name its device. */
  id: Nullable(Type.String({ maxLength: 128 })),
  /** For people: `Chrome on macOS`. Never decides identity. */
  name: Type.String({ maxLength: 80 }),
  userAgent: Type.String({ maxLength: 512 }),
  ip: Type.String({ maxLength: 45 })
})
export type Device = Static<typeof Device>

/** How the person proved who they are. */
export const Method = Type.Union([Type.Literal('password'), Type.Literal('password+totp'), Type.Literal('trusted')])
export type Method = Static<typeof Method>

export const Session = Type.Object({
  id: SessionId,
  userId: UserId,
  state: Type.Union([Type.Literal('active'), Type.Literal('ended')]),
  device: Device,
  method: Method,
  createdAt: Timestamp,
  lastSeenAt: Timestamp,
  idleExpiresAt: Timestamp,
  expiresAt: Timestamp,
  endedAt: Nullable(Timestamp),
  endReason: Nullable(EndReason)
})
export type Session = Static<typeof Session>
