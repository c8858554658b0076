import Type, { type Static } from 'typebox'
import { defineContract } from './define.ts'
import { ClientInfo, Nullable, Profile, Timestamp, UserId } from './ids.ts'
import { OpenedSession, Opening, SessionReference } from './session.ts'

export const IdentifierKind = Type.Union([Type.Literal('email'), Type.Literal('username'), Type.Literal('mobile')])
export type IdentifierKind = Static<typeof IdentifierKind>

/** As long as a body may be, so that auth can say why it refuses one, and answer a sign-in like any wrong one. */
const Text = Type.String({ maxLength: 16_384 })

/** As the person wrote it; auth makes the canonical form. */
export const Identifier = Type.Object({ kind: IdentifierKind, value: Text })
export type Identifier = Static<typeof Identifier>

const Password = Text
/** A code from an authenticator app, or a recovery code, as the person typed it. */
export const FactorCode = Type.String({ maxLength: 64 })
const Name = Nullable(Type.String({ maxLength: 512 }))

/** A user who has just proved who they are, with the session that was opened for them. */
export const SignedIn = Type.Object({ user: Profile, ...OpenedSession.properties })
export type SignedIn = Static<typeof SignedIn>

export const authContract = defineContract({
  register: {
    subject: 'auth.register',
    request: Type.Object({
      identifiers: Type.Array(Identifier, { minItems: 1, maxItems: 3 }),
      /** `null` for somebody whom trusted servers vouch for: they cannot sign in with any password. */
      password: Nullable(Password),
      firstName: Nullable(Text),
      lastName: Nullable(Text),
      /** `platform`: the configured password policy. `legacy`: six characters, as the older contracts promise. */
      rules: Type.Union([Type.Literal('platform'), Type.Literal('legacy')]),
      client: ClientInfo,
      /** `null` opens no session. */
      opening: Nullable(Opening)
    }),
    reply: Type.Object({ user: Profile, opened: Nullable(OpenedSession) }),
    errors: ['invalid_request', 'identifier_taken', 'session_limit', 'invalid_credentials', 'too_many_attempts']
  },
  signIn: {
    subject: 'auth.sign_in',
    request: Type.Object({
      /** `kind` is `null` where a person may have typed any of the three. */
      identifier: Type.Object({ kind: Nullable(IdentifierKind), value: Text }),
      password: Password,
      /** Of no account for a user without a second factor. */
      code: Type.Optional(FactorCode),
      opening: Opening
    }),
    reply: SignedIn,
    /** `invalid_request` also for a value said to be an e-mail address that is none. */
    errors: [
      'invalid_credentials',
      'second_factor_required',
      'second_factor_invalid',
      'user_blocked',
      'session_limit',
      'too_many_attempts'
    ]
  },
  /** A trusted server vouches for somebody it knows by an identifier and by the name they go by. */
  signInTrusted: {
    subject: 'auth.sign_in_trusted',
    request: Type.Object({ identifier: Identifier, name: Text, opening: Opening }),
    reply: SignedIn,
    /** `invalid_credentials`: the user goes by another name. `second_factor_required`: no server vouches for that. */
    errors: [
      'user_not_found',
      'invalid_credentials',
      'second_factor_required',
      'user_blocked',
      'session_limit',
      'too_many_attempts'
    ]
  },
  findUser: {
    subject: 'auth.find_user',
    request: Type.Object({ identifier: Identifier }),
    reply: Profile,
    errors: ['user_not_found']
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
