import type { BlockReason } from '@latchkey/contracts/ids'
import type { PlatformEntry, RecordedEntry, TimelineEntry, TimelineKind } from '@latchkey/contracts/timeline'

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
      /** A block by an admin, as far as it has come to be known here; `untilMs` is `undefined` for one without an end. */
      readonly adminBlock: { readonly untilMs: number | undefined } | undefined
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
   * event; whatever else is admitted is activity. However many calls run at once, one block begins. No window ends by
   * uses that nobody heard of: `heardSinceMs` is since when all have been, `Infinity` where nobody can say.
   */
  judge(userId: string, purpose: Purpose, rules: InactivityRules, heardSinceMs: number): Promise<Judgement>
  /** Moves the time of last activity forward, never back. */
  moveLastSeen(userId: string, seenMs: number): Promise<void>
  /** The same for activity of so long ago, in many steps. A failure may leave some of it taken. */
  touch(uses: readonly Use[]): Promise<void>
  /**
   * Notes until when an admin keeps the user out: `undefined` for a block without an end, the moment itself for one that
   * was lifted. An older decision changes nothing. What was before the end of the block counts as no inactivity.
   */
  noteAdminBlock(
    userId: string,
    block: { readonly decidedAtMs: number; readonly untilMs: number | undefined }
  ): Promise<void>
  /** When each user was last active, in the order given. */
  listLastSeen(userIds: readonly string[]): Promise<(number | undefined)[]>
}

export interface HearingNotes {
  /**
   * Notes that uses are heard of now, and answers since when that is so, in ms since 1970. So long after the note before,
   * or with some uses lost since, that is now.
   */
  note(now: { readonly gapMs: number; readonly hasLost: boolean }): Promise<number>
}

export interface Use {
  readonly userId: string
  readonly ageMs: number
}

/** How much happened in a minute, counted from 1970. */
export type CountOf = (minute: number) => number

export interface ActivityCounts {
  /** Of the last hour. Work does not grow with the number of users. */
  read(): Promise<{
    /** The running one, by the store's clock. */
    readonly minute: number
    readonly active: CountOf
    /** Users whose last activity it was: of several minutes together everybody once. */
    readonly lastActive: CountOf
    readonly failures: CountOf
    readonly blocked: CountOf
  }>
}

/** Place of an entry in a timeline: entries are in order of time, then of id. */
export interface TimelinePosition {
  readonly occurredAtMs: number
  readonly id: string
}

export interface TimelineRange {
  /** Only entries older than this place. */
  readonly before: TimelinePosition | undefined
  /** From this moment on, and before that one; in ms since 1970. */
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
}

export interface TimelineQuery extends TimelineRange {
  readonly kind: TimelineKind | undefined
  readonly limit: number
}

export interface RecordedQuery {
  /** `undefined` asks for nothing but the position of now. */
  readonly after: string | undefined
  readonly limit: number
}

export interface RecordedPage {
  readonly items: RecordedEntry[]
  readonly position: string
  readonly hasMore: boolean
  readonly hasGap: boolean
}

export interface Timelines {
  /**
   * Adds entries where their time puts them; those whose id is known already change nothing. Drops what is too much.
   * `false` for a user who was deleted, of whom nothing is kept.
   */
  append(userId: string, entries: readonly TimelineEntry[]): Promise<boolean>
  /** Newest first. Work is bounded by the length of a timeline, whatever the filter. */
  list(userId: string, query: TimelineQuery): Promise<TimelineEntry[]>
  /** In the order of recording, in which nothing ever comes before what is known. */
  listRecorded(userId: string, query: RecordedQuery): Promise<RecordedPage>
}

/** Entries of all users, bounded by number and age. Nothing in it says more of a person than their id. */
export interface EventIndex {
  append(userId: string, entries: readonly TimelineEntry[]): Promise<void>
  /** Goes one bounded step on with dropping the user's entries; `true` after the last one. */
  erase(userId: string): Promise<boolean>
  /** Newest first, with the devices that the timelines of their users still tell. Work is that of one page. */
  list(query: TimelineQuery): Promise<PlatformEntry[]>
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
