import Type, { type Static } from 'typebox'
import { defineContract } from './define.ts'
import { Actor, Cursor, Limit, Nullable, Page, Profile, Role, Timestamp, UserId } from './ids.ts'

/** A caller may send any text where an id is expected: what is not one is simply not found. */
const UserReference = Type.String({ maxLength: 128 })

/** A block that an admin has set: part of the account, whatever becomes of sessions. */
export const AdminBlock = Type.Object({
  reason: Type.Literal('admin'),
  /** `null` for a block without an end. */
  blockedUntil: Nullable(Timestamp),
  blockedAt: Timestamp,
  /** The admin who set it; `null` where it was set from outside the platform. */
  blockedBy: Nullable(UserId),
  /** What the admin wrote about it; no user sees it. */
  note: Nullable(Type.String({ maxLength: 500 }))
})
export type AdminBlock = Static<typeof AdminBlock>

/** A user as admins see them; `block` is the one that holds now. */
export const AdministeredUser = Type.Object({ ...Profile.properties, block: Nullable(AdminBlock) })
export type AdministeredUser = Static<typeof AdministeredUser>

/**
 * `blocked`: an admin's block holds now. `active`: none does. `unverified`: the user has an e-mail address that is not
 * verified, blocked or not.
 */
export const UserState = Type.Union([Type.Literal('active'), Type.Literal('blocked'), Type.Literal('unverified')])
export type UserState = Static<typeof UserState>

/** What admins do with users; the auth service answers. A change is answered once it holds everywhere. */
export const adminContract = defineContract({
  /** Newest first. */
  listUsers: {
    subject: 'admin.list_users',
    request: Type.Object({
      /** Part of a name, e-mail address, username or mobile; of fewer than three characters, its beginning. */
      query: Nullable(Type.String({ maxLength: 200 })),
      state: Nullable(UserState),
      role: Nullable(Role),
      limit: Limit,
      cursor: Nullable(Cursor)
    }),
    reply: Page(AdministeredUser),
    errors: ['invalid_request']
  },
  getUser: {
    subject: 'admin.get_user',
    request: Type.Object({ userId: UserReference }),
    reply: AdministeredUser,
    errors: ['user_not_found']
  },
  /** Who loses the role loses every session, too. */
  setRole: {
    subject: 'admin.set_role',
    request: Type.Object({ userId: UserReference, role: Role, actor: Actor }),
    reply: AdministeredUser,
    errors: ['user_not_found', 'last_admin']
  },
  /** Replaces a block that holds already. Sessions are suspended, not ended. */
  block: {
    subject: 'admin.block',
    request: Type.Object({
      userId: UserReference,
      /** ISO 8601 with a time zone; `null` for a block without an end. */
      until: Nullable(Type.String({ maxLength: 40 })),
      note: Nullable(Type.String({ maxLength: 500 })),
      actor: Actor
    }),
    reply: AdminBlock,
    errors: ['invalid_request', 'user_not_found', 'last_admin']
  },
  /** Lifts what `block` has set, if it holds. */
  unblock: {
    subject: 'admin.unblock',
    request: Type.Object({ userId: UserReference, actor: Actor }),
    reply: Type.Object({}),
    errors: ['user_not_found']
  }
})
