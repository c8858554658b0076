import Type, { type Static, type TSchema } from 'typebox'

/** A value, or `null` where JSON has to show that there is none. */
export const Nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()])

/** ISO 8601 in UTC with milliseconds. */
export const Timestamp = Type.String({
  pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$',
  maxLength: 24,
  examples: ['2026-11-21T09:30:00.000Z']
})

/** UUID version 7 (RFC 9562). */
export const UserId = Type.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
  maxLength: 36,
  examples: ['019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b21']
})

/**
 * Two hexadecimal digits that name the shard of the session's user, then 24 random bytes in base64url.
 * An identifier, not a credential: it appears in lists and logs.
 */
export const SessionId = Type.String({
  pattern: '^[0-9a-f]{2}[A-Za-z0-9_-]{32}$',
  maxLength: 34,
  examples: ['7fq0ZlX2m4n8VbYc1sT6dKe9RwGh3JuAoP']
})

/** Why a session is over. Stable: clients tell their users by it. */
export const EndReason = Type.Union([
  Type.Literal('signed_out'),
  Type.Literal('revoked_by_user'),
  Type.Literal('revoked_by_admin'),
  Type.Literal('replaced'),
  Type.Literal('evicted_by_limit'),
  Type.Literal('expired_idle'),
  Type.Literal('expired_absolute'),
  Type.Literal('password_changed'),
  Type.Literal('refresh_reuse'),
  Type.Literal('user_blocked'),
  Type.Literal('user_deleted')
])
export type EndReason = Static<typeof EndReason>

/** Why a user may not act for now. */
export const BlockReason = Type.Union([Type.Literal('inactivity'), Type.Literal('brute_force'), Type.Literal('admin')])
export type BlockReason = Static<typeof BlockReason>

/**
 * Who made something happen: the user it happened to, an admin, or the platform by its own rules. `id` is that of the
 * person; `null` where there is none, or none is known.
 */
export const Actor = Type.Object({
  kind: Type.Union([Type.Literal('user'), Type.Literal('admin'), Type.Literal('system')]),
  id: Nullable(UserId)
})
export type Actor = Static<typeof Actor>

/** The other end of the connection a request came by. */
export const ClientInfo = Type.Object({
  ipAddress: Type.String({ maxLength: 45 }),
  userAgent: Type.String({ maxLength: 512 })
})
export type ClientInfo = Static<typeof ClientInfo>

/** Random, kept by the client; without one every sign-in is a device of its own. */
export const DeviceId = Type.String({
  pattern: '^[A-Za-z0-9._:-]{8,128}$',
  maxLength: 128,
  examples: ['b1f6c0de-8a52-4b8e-9b51-4a0f9d1e6c11']
})

/** Opaque; made by the procedure that answered the page before. */
export const Cursor = Type.String({ minLength: 1, maxLength: 200 })
export const Limit = Type.Integer({ minimum: 1, maximum: 100 })

export const Page = <S extends TSchema>(item: S) =>
  Type.Object({ items: Type.Array(item), nextCursor: Nullable(Cursor) })

export const Role = Type.Union([Type.Literal('user'), Type.Literal('admin')])
export type Role = Static<typeof Role>

/** The public part of a user that auth owns; the session service keeps a copy beside the user's sessions. */
export const Profile = Type.Object({
  id: UserId,
  number: Type.Integer({ minimum: 1, description: 'Serial number of the user' }),
  email: Nullable(Type.String({ maxLength: 254 })),
  emailVerified: Type.Boolean(),
  username: Nullable(Type.String({ maxLength: 50 })),
  mobile: Nullable(Type.String({ maxLength: 20 })),
  firstName: Nullable(Type.String({ maxLength: 100 })),
  lastName: Nullable(Type.String({ maxLength: 100 })),
  role: Role,
  createdAt: Timestamp
})
export type Profile = Static<typeof Profile>

/** How many points statistics have, one for each minute. The last one is the running minute. */
export const STATS_MINUTES = 60
