import type { Actor, EndReason, Profile, Role } from '@latchkey/contracts/ids'
import type { Opening } from '@latchkey/contracts/session'
import type { Device, Method } from '@latchkey/contracts/session-schema'
import type { MadeAt, Stored, Unannounced } from './announcement-ports.ts'
import type { SessionReference } from './references.ts'
import type { SealedToken } from './refresh-tokens.ts'

/** A session as it is stored. Times are milliseconds of the store's clock. */
export interface SessionRecord {
  readonly id: string
  readonly userId: string
  /** Grows with every session of the user: its place in their list. */
  readonly slot: number
  readonly device: Device
  readonly method: Method
  readonly tokens: Opening['tokens']
  /** `undefined` in sessions from before it was kept. */
  readonly openedAs: Role | undefined
  readonly createdAtMs: number
  readonly lastSeenAtMs: number
  readonly ended: { readonly atMs: number; readonly reason: EndReason } | undefined
}

/** How long sessions live. Judged against the configuration of now, whenever a session was opened. */
export interface Lifetimes {
  readonly idleMs: number
  readonly absoluteMs: number
}

export type Policy =
  | { readonly kind: 'unlimited' }
  | { readonly kind: 'single' }
  | { readonly kind: 'limit'; readonly limit: number; readonly overflow: 'evict_oldest' | 'deny' }

export interface NewSession {
  readonly id: string
  readonly user: Profile
  /** `undefined` where the caller does not know the version of the profile: then it only fills a gap. */
  readonly profileVersion: number | undefined
  readonly epoch: number
  readonly method: Method
  readonly tokens: Opening['tokens']
  readonly device: Device
  readonly refreshTokenHash: Buffer | undefined
  readonly policy: Policy
  /** Goes on in the place of that session, whatever the limit; `undefined` for a session of its own. */
  readonly replaces: string | undefined
}

export type OpenOutcome =
  | {
      readonly kind: 'opened'
      readonly nowMs: number
      readonly session: SessionRecord
      /** The newest live sessions of other devices, as they are after this sign-in. */
      readonly concurrent: readonly SessionRecord[]
      /** The newest sessions that this sign-in ended. */
      readonly replaced: readonly SessionRecord[]
      readonly newDevice: boolean
      readonly unannounced: readonly Unannounced[]
    }
  /** The policy denies one more beside these. */
  | { readonly kind: 'limit'; readonly sessions: readonly SessionRecord[] }
  /** The user's credential has changed since this sign-in read it. */
  | { readonly kind: 'stale_epoch' }
  /** The session to replace is not live. */
  | Unknown
  | Ended

export interface LiveSession {
  readonly nowMs: number
  readonly session: SessionRecord
  readonly user: Profile
}

export type Unknown = { readonly kind: 'unknown' }
export type Ended = { readonly kind: 'ended'; readonly reason: EndReason; readonly atMs: number }
/** The session is live, and its user is kept out for now. */
export type Blocked = Block & { readonly kind: 'blocked'; readonly nowMs: number }
export type CheckOutcome = Unknown | Ended | Blocked | ({ readonly kind: 'active' } & LiveSession)
/** `reused`: this very token has just ended its session. */
export type RotateOutcome = Unknown | Ended | Blocked | Reused | Rotated
export type Reused = Omit<Ended, 'kind'> & { readonly kind: 'reused' } & Stored
export type Rotated = { readonly kind: 'rotated' } & LiveSession

/** An admin keeps the user out, whatever sessions there are. It is over at its end, without a change of the store. */
export interface Block {
  /** `undefined` for a block without an end. */
  readonly endsAtMs: number | undefined
}

export interface PageOfSessions {
  readonly userId: string
  readonly state: 'active' | 'ended' | 'all'
  readonly limit: number
  /** Only sessions opened before the one with this slot. */
  readonly beforeSlot: number | undefined
}

/**
 * Sessions of users. Each method but `touch` is one atomic step, and whatever finds a session past its deadline ends it,
 * so that none that is due is ever seen live. Ids must be well formed. Any method throws `StoreUnavailable`.
 */
export interface SessionStore {
  open(session: NewSession): Promise<OpenOutcome>
  /** With `touch`, counts as activity and moves the idle deadline. */
  check(reference: SessionReference, options: { readonly touch: boolean }): Promise<CheckOutcome>
  /**
   * Exchanges a refresh token for its successor. Within the grace the same token gets the same successor again until
   * that one is used; any other second use ends the session.
   */
  rotate(token: SealedToken): Promise<RotateOutcome>
  /** By its id alone, live or ended. */
  find(sessionId: string): Promise<SessionRecord | undefined>
  /** The session as it is after; one that had ended before is left as it was. */
  end(
    reference: SessionReference,
    reason: EndReason,
    actor?: Actor
  ): Promise<(Stored & MadeAt & { readonly session: SessionRecord }) | undefined>
  /**
   * Ends all live sessions but one; with an epoch, only those opened before it was first heard of, or else the next one
   * that was, and sign-ins verified under an older one are refused from now on. How many it ended.
   */
  endAll(request: EndAll): Promise<Stored & MadeAt & { readonly ended: number }>
  /** The server that has the user's sessions now; rejects while it may lack changes. */
  locate(userId: string): Promise<string>
  /** Newest first. */
  list(page: PageOfSessions): Promise<{ readonly sessions: readonly SessionRecord[]; readonly hasMore: boolean }>
  /** Ignored unless the version is newer than the one known; `undefined` for a user who is not blocked. */
  putProfile(user: Profile, version: number, block: Block | undefined): Promise<Stored>
  /**
   * Takes uses that happened a while ago, in many steps and one after another: last activity moves forward only, and of
   * no session that has ended since. A failure may leave some taken.
   */
  touch(uses: readonly Use[]): Promise<void>
  listDevices(userId: string): Promise<readonly KnownDevice[]>
  /**
   * Forgets all there is about the user, what waits in the outbox included. For a day after it nothing is taken in about
   * them: no session opens, no profile is kept.
   */
  erase(userId: string): Promise<Stored>
}

/** A device by the hash of the id that it named at its sign-ins. */
export interface KnownDevice {
  readonly fingerprint: string
  readonly lastSignInAtMs: number
}

export interface Use extends SessionReference {
  readonly ageMs: number
}

export interface EndAll {
  readonly userId: string
  readonly exceptSessionId: string | undefined
  readonly reason: EndReason
  readonly epoch: number | undefined
  /** Whom the events name; `undefined` where the reason tells enough. */
  readonly actor?: Actor | undefined
}

/** The store cannot be asked now; it may have done what was asked, or not. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}
