import Type, { type Static } from 'typebox'
import { defineContract } from './define.ts'
import { Nullable, Profile, Timestamp, UserId } from './ids.ts'
import { OpenedSession, Opening, SessionReference } from './session.ts'

export const IdentifierKind = Type.Union([Type.Literal('email'), Type.Literal('username'), Type.Literal('mobile')])
export type IdentifierKind = Static<typeof IdentifierKind>

/** As the person wrote it; auth makes the canonical form. */
export const Identifier = Type.Object({ kind: IdentifierKind, value: Type.String({ maxLength: 512 }) })
export type Identifier = Static<typeof Identifier>

/** As long as a body may be, so that auth can say why it refuses one, and answer a sign-in like any wrong password. */
const Password = Type.String({ maxLength: 16_384 })
const Name = Nullable(Type.String({ maxLength: 512 }))

/** A user who has just proved who they are, with the session that was opened for them. */
export const SignedIn = Type.Object({ user: Profile, ...OpenedSession.properties })
export type SignedIn = Static<typeof SignedIn>

export const authContract = defineContract({
  register: {
    subject: 'auth.register',
    request: Type.Object({
      identifiers: Type.Array(Identifier, { minItems: 1, maxItems: 3 }),
      password: Password,
      firstName: Name,
      lastName: Name,
      /** `platform`: the configured password policy. `legacy`: six characters, as the older contracts promise. */
      rules: Type.Union([Type.Literal('platform'), Type.Literal('legacy')]),
      opening: Opening
    }),
    reply: SignedIn,
    errors: ['invalid_request', 'identifier_taken', 'session_limit', 'invalid_credentials']
  },
  signIn: {
    subject: 'auth.sign_in',
    request: Type.Object({
      /** `kind` is `null` where a person may have typed any of the three. */
      identifier: Type.Object({ kind: Nullable(IdentifierKind), value: Type.String({ maxLength: 512 }) }),
      password: Password,
      opening: Opening
    }),
    reply: SignedIn,
    errors: ['invalid_credentials', 'user_blocked', 'session_limit', 'too_many_attempts']
  },
  getUser: {
    subject: 'auth.get_user',
    request: Type.Object({ userId: UserId }),
    reply: Profile,
    errors: ['user_not_found']
  },
  updateProfile: {
    subject: 'auth.update_profile',
    request: Type.Object({
      userId: UserId,
      /** When the session that asks was opened; changing an identifier wants a fresh one. */
      authenticatedAt: Timestamp,
      /** Absent fields stay as they are; `null` removes the value. */
      changes: Type.Object({
        email: Type.Optional(Nullable(Type.String({ maxLength: 512 }))),
        username: Type.Optional(Nullable(Type.String({ maxLength: 512 }))),
        mobile: Type.Optional(Nullable(Type.String({ maxLength: 512 }))),
        firstName: Type.Optional(Name),
        lastName: Type.Optional(Name)
      })
    }),
    reply: Profile,
    errors: ['invalid_request', 'identifier_taken', 'user_not_found', 'reauthentication_required']
  },
  changePassword: {
    subject: 'auth.change_password',
    request: Type.Object({
      userId: UserId,
      /** The session that goes on; all others of the user end. */
      sessionId: SessionReference,
      currentPassword: Password,
      newPassword: Password
    }),
    reply: Type.Object({}),
    errors: ['invalid_request', 'wrong_password', 'user_not_found', 'too_many_attempts']
  }
})
