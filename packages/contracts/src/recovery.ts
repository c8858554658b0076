import Type from 'typebox'
import { defineContract } from './define.ts'
import { ClientInfo, UserId } from './ids.ts'

/** From a link in a mail. Whoever calls may send any text: what is no token is simply not valid. */
export const LinkToken = Type.String({ maxLength: 128 })

const Text = Type.String({ maxLength: 16_384 })
const Nothing = Type.Object({})

/**
 * What is done by mail: proving an address, a forgotten password, a sign-in that was somebody else's. Served by auth.
 * `link_invalid` says one thing of a token that never was, was used, has expired, was replaced by a newer one, or was
 * overtaken by a change.
 */
export const recoveryContract = defineContract({
  /** Mails a link to the address the user wants to change to, else to their own one while it is not verified. */
  requestVerification: {
    subject: 'recovery.request_verification',
    request: Type.Object({ userId: UserId }),
    reply: Nothing,
    errors: ['user_not_found']
  },
  /** The address is verified from now on, and is the user's own if it was to replace another one. */
  verifyEmail: {
    subject: 'recovery.verify_email',
    request: Type.Object({ token: LinkToken }),
    reply: Nothing,
    errors: ['link_invalid', 'identifier_taken']
  },
  /** The same answer whether or not somebody has that address. */
  requestReset: {
    subject: 'recovery.request_reset',
    request: Type.Object({ email: Text, client: ClientInfo }),
    reply: Nothing,
    errors: ['invalid_request', 'too_many_attempts']
  },
  /** On behalf of an admin: counted, but never withheld. `invalid_request`: the user has no address. */
  requestResetFor: {
    subject: 'recovery.request_reset_for',
    request: Type.Object({ userId: UserId }),
    reply: Nothing,
    errors: ['invalid_request', 'user_not_found']
  },
  /** Every session of the user ends. */
  resetPassword: {
    subject: 'recovery.reset_password',
    request: Type.Object({ token: LinkToken, newPassword: Text }),
    reply: Nothing,
    errors: ['invalid_request', 'link_invalid']
  },
  /** Somebody says that the session the mail told of is not theirs: it ends, and no other. */
  reportSession: {
    subject: 'recovery.report_session',
    request: Type.Object({ token: LinkToken }),
    reply: Nothing,
    errors: ['link_invalid']
  }
})
