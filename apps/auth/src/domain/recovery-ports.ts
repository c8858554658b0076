import type { Result } from '@latchkey/contracts/errors'
import type { PlatformEvent } from '@latchkey/contracts/events'
import type { SignInDetails } from './mail-ports.ts'
import type { PendingEnding, User } from './ports.ts'

export interface ResetRequest {
  /** Canonical form. */
  readonly address: string
  /** Whom requests are counted by: an address of the network, or the part of it that one customer has. */
  readonly source: string
}

export interface ResetByLink {
  readonly userId: string
  readonly hash: string
  /** The new verifier. */
  readonly to: string
}

export interface NewDevice {
  readonly userId: string
  /** Canonical form of the address that is told. */
  readonly address: string
  readonly sessionId: string
  readonly details: SignInDetails
}

/**
 * Links that were mailed, known by the hash of their token. A link works once, for a stated time, until the next one of
 * its kind, and only while the address it went to is the user's (a reset: and the password the one it is to replace).
 * To one address a bounded number of mails leave within an hour. Throws `StoreUnavailable` when it does not answer.
 */
export interface RecoveryStore {
  /** To the address that is to become the user's, else to the user's own (`address`) while it is not verified. */
  requestVerification(request: { readonly userId: string; readonly address: string }): Promise<void>
  /** The same work whether or not somebody has that address. */
  requestReset(request: ResetRequest): Promise<Result<void, 'too_many_attempts'>>
  /** Counted, but never withheld. */
  requestResetFor(request: { readonly userId: string; readonly address: string }): Promise<void>
  /** Whose password the link would reset. */
  findReset(hash: string): Promise<string | undefined>
  /**
   * In one transaction: the link's end, the new verifier, the next epoch, the event, the pending end of all sessions,
   * and the mail that tells of it. `undefined`, and nothing done, when the link is not valid any more.
   */
  resetPassword(reset: ResetByLink, describe: (epoch: number) => PlatformEvent): Promise<PendingEnding | undefined>
  /** Whose address the link would verify. */
  findVerification(hash: string): Promise<string | undefined>
  /** In one transaction: the link's end, the verified address, the next profile version, its event and its copy. */
  verifyEmail(
    link: { readonly userId: string; readonly hash: string },
    describe: (version: number, fields: string[]) => PlatformEvent
  ): Promise<Result<User, 'link_invalid' | 'identifier_taken'>>
  /** Asks about each session once. */
  askAboutSession(device: NewDevice): Promise<void>
  /** The session that the mail asked about. */
  findReport(hash: string): Promise<{ readonly userId: string; readonly sessionId: string } | undefined>
  /** `false` when the link was used meanwhile. */
  removeReport(hash: string): Promise<boolean>
}
