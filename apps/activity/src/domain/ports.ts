import type { BlockReason, TimelineEntry, TimelineKind } from '@latchkey/contracts/activity'

/** `background` is judged and changes nothing: it neither moves the window nor begins a block. */
export type Purpose = 'request' | 'sign_in' | 'background'

/** The rules of inactivity as configured now; they hold for windows that have already begun, too. */
export interface InactivityRules {
  /** Without a request for so long a user is blocked by the next one; `0` turns inactivity blocking off. */
  readonly windowMs: number
  readonly blockMs: number
}

/** Times are in milliseconds since 1970, by the store's clock. */
export type Judgement =
  | {
      readonly verdict: 'admitted'
      readonly nowMs: number
      readonly lastSeenMs: number | undefined
      /** Where the running window began; `undefined` before the first activity, and after a block until the next. */
      readonly windowStartMs: number | undefined
    }
  | {
      readonly verdict: 'blocked'
      readonly nowMs: number
      readonly lastSeenMs: number | undefined
      readonly reason: BlockReason
      readonly blockedUntilMs: number
    }

export interface UserStates {
  /**
   * One atomic step: a running block refuses; a `request` at or after the end of the window begins a block, with its
   * event; whatever else is admitted is activity. However many calls run at once, one block begins.
   */
  judge(userId: string, purpose: Purpose, rules: InactivityRules): Promise<Judgement>
  /** Moves the time of last activity forward, never back. */
  moveLastSeen(userId: string, seenMs: number): Promise<void>
  /** The same for an activity of so long ago. */
  touch(userId: string, ageMs: number): Promise<void>
}

/** Place of an entry in a timeline: entries are in order of time, then of id. */
export interface TimelinePosition {
  readonly occurredAtMs: number
  readonly id: string
}

export interface TimelineQuery {
  readonly kind: TimelineKind | undefined
  readonly limit: number
  /** Only entries older than this place. */
  readonly before: TimelinePosition | undefined
}

export interface Timelines {
  /** Adds entries where their time puts them; those whose id is known already change nothing. Drops what is too much. */
  append(userId: string, entries: readonly TimelineEntry[]): Promise<void>
  /** Newest first. Work is bounded by the length of a timeline, whatever the filter. */
  list(userId: string, query: TimelineQuery): Promise<TimelineEntry[]>
}

export interface Erasures {
  /** Notes that the event with this number in the stream is about the user; `false` when that user was deleted. */
  note(userId: string, sequence: number): Promise<boolean>
  /**
   * Forgets all there is about the user but the numbers of their events, which it answers. From then on nothing is taken
   * in about that user, for longer than the stream keeps an event.
   */
  erase(userId: string): Promise<readonly number[]>
  /** These events are erased. */
  forget(userId: string, sequences: readonly number[]): Promise<void>
}

/** The events of the platform as they are kept for those who have not heard of them yet. */
export interface EventArchive {
  /** Takes the event with that number out, if it is there and about that user. Throws `StoreUnavailable`. */
  erase(userId: string, sequence: number): Promise<void>
}

/** The store cannot be reached, or cannot do its work for now. Nothing is known about what was asked of it. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}
