import type { activityContract } from '@latchkey/contracts/activity'
import type { CallContext, Client } from '@latchkey/contracts/define'
import type { Result } from '@latchkey/contracts/errors'
import type { PlatformEvent } from '@latchkey/contracts/events'
import type { EndReason, Profile } from '@latchkey/contracts/ids'
import type { sessionContract } from '@latchkey/contracts/session'
import type { AttemptDeps } from './attempt-ports.ts'
import type { CanonicalIdentifier, OwnedIdentifier } from './identifiers.ts'
import type { RecoveryStore } from './recovery-ports.ts'

/** A block by an admin that held when it was read. */
export interface UserBlock {
  readonly at: Date
  /** `undefined` for a block without an end. */
  readonly until: Date | undefined
  /** `undefined` where it was no admin of the platform. */
  readonly by: string | undefined
  readonly note: string | undefined
}

export interface User {
  readonly profile: Profile
  /** Grows with each change of the credentials; sign-ins verified under an older one are void. */
  readonly epoch: number
  /** Grows with each change of the profile, and of the block. */
  readonly profileVersion: number
  readonly block: UserBlock | undefined
}

export interface Credentials extends User {
  /** `undefined` for a user without a password. */
  readonly verifier: string | undefined
}

export interface NewUser {
  readonly id: string
  readonly firstName: string | null
  readonly lastName: string | null
  readonly identifiers: readonly OwnedIdentifier[]
  /** `undefined` for a user without a password. */
  readonly verifier: string | undefined
}

export interface PasswordChange {
  readonly userId: string
  /** The verifier that the current password was found right by. */
  readonly from: string
  readonly to: string
  readonly exceptSessionId: string
}

export interface ProfileChange {
  readonly userId: string
  /** Absent: as it is. `null`: none from now on. */
  readonly firstName?: string | null
  readonly lastName?: string | null
  readonly identifiers: { readonly [K in OwnedIdentifier['kind']]?: OwnedIdentifier | null }
  /** An address that becomes the user's own once they have proved that it is theirs. */
  readonly newEmail?: OwnedIdentifier
}

/** Sessions that must end because of a change that has been committed. */
export interface PendingEnding {
  readonly id: string
  readonly userId: string
  /** The session that goes on, if any. */
  readonly exceptSessionId: string | null
  readonly reason: EndReason
  readonly epoch: number
  /** The admin whose doing it is. */
  readonly adminId: string | null
}

/** Throws `StoreUnavailable` when the store does not answer, `UnstorableText` for text that it cannot hold. */
export interface UserStore {
  /** The user of the first candidate that is taken, in one round trip whether or not there is one. */
  findByIdentifier(candidates: readonly CanonicalIdentifier[]): Promise<Credentials | undefined>
  findById(userId: string): Promise<Credentials | undefined>
  /**
   * All or nothing; of several who want the same identifier at the same time, one gets it. An e-mail address is sent a
   * link to verify it.
   */
  insert(user: NewUser, event: PlatformEvent): Promise<Result<User, 'identifier_taken'>>
  /**
   * In one transaction: the new verifier, the next epoch, the event, and the pending end of the other sessions, which
   * is the caller's for a moment before `PendingStore` hands it out; the user is told by mail. `undefined`, and nothing
   * done, when `from` is no longer the user's verifier.
   */
  replacePassword(
    change: PasswordChange,
    describe: (epoch: number) => PlatformEvent
  ): Promise<PendingEnding | undefined>
  /** The same password under better parameters; does nothing when `from` is no longer the user's verifier. */
  upgradeVerifier(upgrade: { userId: string; from: string; to: string }): Promise<void>
  /**
   * In one transaction: the changes, the next profile version, the event, and the pending copy for the session
   * service. `invalid_request` when no identifier would remain. A `newEmail` changes nothing yet: it is sent a link, and
   * the address until then a notice. Without anything else there is no version, event or copy.
   */
  updateProfile(
    change: ProfileChange,
    describe: (version: number) => PlatformEvent
  ): Promise<Result<User, 'identifier_taken' | 'user_not_found' | 'invalid_request'>>
}

/** What the session service has yet to be told. Claimed by one replica at a time, and again when it is not removed. */
export interface PendingStore {
  /** Oldest first. */
  claimEndings(limit: number): Promise<PendingEnding[]>
  /** Of one user, oldest first; also those that somebody else is at. */
  listEndings(userId: string): Promise<PendingEnding[]>
  removeEnding(id: string): Promise<void>
  /** Users as they are now, with the version that the copy has to reach. */
  claimProfiles(limit: number): Promise<User[]>
  /** Keeps what a later version has left pending. */
  removeProfile(userId: string, version: number): Promise<void>
}

export interface Passwords {
  /** Whether a password would be judged in time; a guess, by how many wait. */
  hasRoom(deadline: Deadline): boolean
  /** `unavailable` when too many wait already, or when the caller's time is over before its turn. */
  hash(password: string, deadline: Deadline): Promise<Result<string, 'unavailable'>>
  /**
   * Takes the same time whether the verifier is right, wrong, not readable or absent. `outdated`: the password is
   * right, and its verifier is weaker than the current parameters.
   */
  verify(
    password: string,
    verifier: string | undefined,
    deadline: Deadline
  ): Promise<Result<{ readonly matches: boolean; readonly outdated: boolean }, 'unavailable'>>
}

export type Deadline = Pick<CallContext, 'remainingMs'>

export interface PasswordPolicy {
  /** In code points. */
  readonly minLength: number
  /** `password` in NFKC. */
  isCommon(password: string): boolean
}

/** Tells the platform of something nobody waits for; never fails, and drops rather than piles up. */
export interface EventReporter {
  report(event: PlatformEvent): void
}

export type Sessions = Pick<Client<typeof sessionContract>, 'open' | 'end' | 'endAll' | 'putProfile'>
export type Activity = Pick<Client<typeof activityContract>, 'admit'>

export interface Deps extends AttemptDeps {
  readonly users: UserStore
  readonly pending: PendingStore
  readonly recovery: RecoveryStore
  readonly passwords: Passwords
  readonly policy: PasswordPolicy
  readonly sessions: Sessions
  readonly activity: Activity
  readonly reporter: EventReporter
  readonly now: () => Date
  /** A UUID of version 7. */
  readonly newId: () => string
}

export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}

export class UnstorableText extends Error {
  override readonly name = 'UnstorableText'
}
