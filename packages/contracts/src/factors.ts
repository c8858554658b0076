import Type, { type Static } from 'typebox'
import { authContract, FactorCode } from './auth.ts'
import { defineContract } from './define.ts'
import { Timestamp, UserId } from './ids.ts'
import { Opening, SessionReference } from './session.ts'
import { Method, Session } from './session-schema.ts'
import { Tokens } from './tokens.ts'

const { password } = authContract.signIn.request.properties

export const FactorStatus = Type.Object({
  enabled: Type.Boolean(),
  /** How many of the codes that were handed out have not been used yet. */
  recoveryCodesLeft: Type.Integer({ minimum: 0 })
})
export type FactorStatus = Static<typeof FactorStatus>

/** Each opens the account once in place of a code; nobody can show them again. */
const RecoveryCodes = Type.Array(Type.String({ maxLength: 32, examples: ['k7qd-2mxa-v5tz-bn3w'] }), { maxItems: 10 })

/** Codes from an authenticator app (RFC 6238) beside the password. */
export const factorsContract = defineContract({
  describe: {
    subject: 'factors.describe',
    request: Type.Object({ userId: UserId }),
    reply: FactorStatus,
    errors: []
  },
  /** Makes a secret that takes effect once it is confirmed, in the place of an earlier one that was not. */
  enroll: {
    subject: 'factors.enroll',
    request: Type.Object({
      userId: UserId,
      /** When and how the session that asks was opened: it wants a fresh one, opened with the password. */
      authenticatedAt: Timestamp,
      method: Method
    }),
    reply: Type.Object({
      /** Base32, for those who type it in. */
      secret: Type.String({ maxLength: 64, examples: ['JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'] }),
      otpauthUri: Type.String({
        maxLength: 1024,
        examples: ['otpauth://totp/Latchkey:ada%40example.com?issuer=Latchkey&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP']
      })
    }),
    errors: ['factor_enabled', 'reauthentication_required', 'user_not_found']
  },
  /** Turns the factor on. A new session, raised by it, goes on in the place of the one that asks. */
  confirm: {
    subject: 'factors.confirm',
    request: Type.Object({
      userId: UserId,
      sessionId: SessionReference,
      code: FactorCode,
      opening: Opening
    }),
    reply: Type.Object({ recoveryCodes: RecoveryCodes, session: Session, tokens: Tokens }),
    /** `wrong_code` also where no secret waits to be confirmed, or not any more. */
    errors: ['wrong_code', 'factor_enabled', 'too_many_attempts', 'user_not_found', 'session_ended', 'token_invalid']
  },
  /** Removing what is not there is done already. Every other session of the user ends. */
  remove: {
    subject: 'factors.remove',
    request: Type.Object({ userId: UserId, sessionId: SessionReference, password }),
    reply: Type.Object({}),
    errors: ['wrong_password', 'too_many_attempts', 'user_not_found']
  },
  /** For somebody who has lost their authenticator. Every session of the user ends. */
  removeFor: {
    subject: 'factors.remove_for',
    request: Type.Object({ userId: UserId, adminId: UserId }),
    reply: Type.Object({}),
    errors: ['user_not_found']
  }
})
