import type { ErrorCode, Result } from '@latchkey/contracts/errors'
import type { VerdictItem } from '@latchkey/contracts/verdict'
import type { Log } from '@latchkey/messaging/client'
import type { Transport } from '@latchkey/messaging/transport'
import type { UsedSession } from '../touches/used-session.ts'
import type { Clock } from './clock.ts'

/** What a look-up has found. Durations count from when it was asked, so that clocks of two machines need not agree. */
export interface Found<V> {
  /** Frozen, all the way down, when it is kept: every request of the token is handed the same one. */
  readonly verdict: V
  readonly sessionId: string
  readonly userId: string
  /** Until the token or the session ends, whichever is first; activity does not move it. */
  readonly endsInMs: number
  /** Until the nearest end that activity moves (idle session, inactive user); `Infinity` where there is none. */
  readonly idleEndsInMs: number
  /** How far from now activity moves that end. */
  readonly idleTtlMs: number
}

/** How a token is to be judged. */
export interface Question<C> {
  readonly token: string
  /** Whether the request is the user's activity, or happens by itself in the background. */
  readonly activity: boolean
  /** The look-up has answered by then. */
  readonly timeoutMs: number
  /** Whatever the caller of `judge` said about its request. */
  readonly call: C
}

/**
 * Finds out about a token: verifies it, then asks the truth (the session service's primary, never a replica or a cache).
 * Settles within `timeoutMs`; what could not be found out is `unavailable` or `deadline_exceeded`.
 */
export type LookUp<V, E extends ErrorCode, C> = (question: Question<C>) => Promise<Result<Found<V>, E>>

export interface HolderConfig {
  /** How long verdicts may be used after a renewal was sent; the authority may grant less. */
  readonly leaseMs: number
  readonly renewMs: number
  /** So long after the last reply to a renewal the holder stops using what it keeps. */
  readonly heartbeatDeadMs: number
  readonly lookUpTimeoutMs: number
  /** Verdicts kept at most. */
  readonly capacity: number
  /** Announcements remembered at most. */
  readonly tombstoneCapacity: number
  /** Look-ups under way at most while there is no lease. */
  readonly maxLookUpsWithoutLease: number
  /** So far wall clock and monotonic clock may go apart between two renewals; below the authority's margin. */
  readonly clockToleranceMs: number
}

export const defaultHolderConfig: HolderConfig = {
  leaseMs: 2000,
  renewMs: 250,
  heartbeatDeadMs: 750,
  lookUpTimeoutMs: 300,
  capacity: 200_000,
  tombstoneCapacity: 100_000,
  maxLookUpsWithoutLease: 500,
  clockToleranceMs: 75
}

/** Why everything kept was dropped. */
export type FlushCause =
  | 'connection'
  | 'subscription'
  | 'unreadable'
  | 'clock'
  | 'lapsed'
  | 'gap'
  | 'registry'
  | 'everyone'
  | 'stopped'

export interface HolderOptions<V, E extends ErrorCode, C> {
  readonly transport: Transport
  readonly lookUp: LookUp<V, E, C>
  readonly log: Log
  /** Where it is to differ from `defaultHolderConfig`. */
  readonly config?: Partial<HolderConfig>
  /** Told of every activity that a kept verdict answered for: `touches.record`. */
  readonly onUse?: (session: UsedSession) => void
  /** Told of each announcement once nothing is kept that it names: for what goes on longer than one request. */
  readonly onAnnounced?: (items: readonly VerdictItem[]) => void
  readonly clock?: Clock
}

/** A reading of the holder, for `/readyz` and `/metrics`. Counts are since the start. */
export interface HolderState {
  /** Whether it answers from what it keeps. */
  readonly live: boolean
  readonly entries: number
  readonly hits: number
  readonly misses: number
  /** Requests that waited for the answer to another's question. */
  readonly joins: number
  /** Refused from memory. */
  readonly denials: number
  /** Answers that were overtaken by an announcement, and asked for again. */
  readonly overtaken: number
  /** Refused because too many look-ups were under way without a lease. */
  readonly shed: number
  readonly announcements: number
  readonly flushes: Readonly<Record<FlushCause, number>>
}

export interface VerdictHolder<V, E extends ErrorCode, C> {
  /**
   * The verdict on a token. Synchronous, without allocation, when it is kept; otherwise a promise of a look-up.
   * `unavailable` when the truth cannot be asked now.
   */
  judge(token: string, activity: boolean, call: C): Result<V, E | 'unavailable'> | Promise<Result<V, E | 'unavailable'>>
  /**
   * The verdict if it is kept and may be used now, counted as a use: for whoever can answer such requests at once.
   * `undefined` says nothing about the token: `judge` it.
   */
  recall(token: string, activity: boolean): V | undefined
  /** Like `judge` without using what is kept: for what must never rest on a cache. */
  judgeAfresh(token: string, activity: boolean, call: C): Promise<Result<V, E | 'unavailable'>>
  /**
   * What was found so far rests on something that holds no longer and that nobody announces, as a key that was withdrawn:
   * drops all that is kept, and what is being looked up now is looked up again.
   */
  doubtAll(): void
  /** Begins to listen and to renew; returns at once, `state` tells when it is live. */
  start(): void
  /** Stops using what is kept, then takes leave of the authority, so that nobody waits for this holder. */
  stop(): Promise<void>
  readonly state: HolderState
}
