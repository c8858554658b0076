import type { Actor, Role } from '@latchkey/contracts/ids'
import type { Stored, Unannounced } from './announcement-ports.ts'
import type { SessionRecord } from './ports.ts'

/** One part of an address, four of eight bits or eight of sixteen: what it has to be, in the bits that count. */
export type NetworkPart = readonly [value: number, mask: number]

/** Sessions that meet all of it; text in small letters, times in milliseconds of the store's clock. */
export interface Criteria {
  readonly role?: Role | undefined
  readonly openedBefore?: number | undefined
  readonly lastSeenBefore?: number | undefined
  readonly userAgent?: string | undefined
  readonly ip?: readonly NetworkPart[] | undefined
}

export interface Matching {
  readonly userIds: readonly string[]
  readonly criteria: Criteria
  /** Who ends them; `undefined` counts only. */
  readonly endedBy: Actor | undefined
  /** Most sessions to be told of. */
  readonly sampleSize: number
}

/** A place in the list of a shard's users, from which to go on. */
export interface UserPlace {
  readonly place: number
  readonly cursor: string
}

/** The sessions of all users, shard by shard. Each method is one atomic step of bounded work. Any throws `StoreUnavailable`. */
export interface BulkSessions {
  readonly shards: readonly string[]
  /** Some users who have sessions. Everybody who has any from the first call to the last is listed, maybe twice. */
  listUsers(
    shard: string,
    from: UserPlace | undefined
  ): Promise<{ readonly userIds: readonly string[]; readonly next: UserPlace | undefined }>
  /** Of a few users of one shard. The sample is as it was found. Whatever is due, or over, is ended in any case. */
  endMatching(
    shard: string,
    matching: Matching
  ): Promise<{ readonly matched: number; readonly sample: readonly SessionRecord[] }>
  /** Ends all there are; what is opened later is not touched. How many those were. */
  endEveryone(shard: string, endedBy: Actor): Promise<Stored & { readonly ended: number }>
  /** What is still to be announced, whoever has left it. */
  listPending(shard: string, after: string | undefined): Promise<readonly Unannounced[]>
  /** How often everyone's sessions were ended, and how many of those times `markSwept` tells of. */
  readSteps(shard: string): Promise<{ readonly made: number; readonly swept: number }>
  markSwept(shard: string, steps: number): Promise<void>
}

/** What is counted in one shard; a minute is that since 1970, by the store's clock. */
export interface ShardCounts {
  readonly minute: number
  readonly live: number
  readonly opened: ReadonlyMap<number, number>
  /** Announcements by minute and class of duration. */
  readonly announced: ReadonlyMap<number, ReadonlyMap<number, number>>
}

export interface SessionCounts {
  readonly shards: readonly string[]
  /** Of the last minutes. Work does not grow with the number of sessions. */
  read(shard: string): Promise<ShardCounts>
}
