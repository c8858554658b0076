import type { EndReason } from '@latchkey/contracts/ids'

/** A shard on a server that was started again, restored or promoted: it may lack its latest changes. */
export interface Doubt {
  readonly shard: string
  /** Names the server as it is since then. */
  readonly serverId: string
  /** What it may lack was done within this time. */
  readonly ageMs: number
}

/** The end of a session, as it was told when it was made. */
export interface RecordedEnd {
  readonly userId: string
  readonly sessionId: string
  readonly reason: EndReason
  readonly endedAtMs: number
}

/** While a shard is in doubt, every other method of the store refuses it. Any method throws `StoreUnavailable`. */
export interface Lineages {
  readonly shards: readonly string[]
  /** `undefined` where there is no doubt. */
  inspect(shard: string): Promise<Doubt | undefined>
  /**
   * Ends sessions that have ended. After the step `last` the shard is trusted; after `everyone` too, since all of its
   * sessions are over. False where the server is another one by now: then it has to be inspected again.
   */
  recover(doubt: Doubt, step: 'more' | 'last' | 'everyone', ends: readonly RecordedEnd[]): Promise<boolean>
}

/** Where ends are on record a second time. */
export interface RecordedEnds {
  /** What is older has been forgotten. */
  readonly keptMs: number
  /** Hands out all that were recorded within the time given; rejects where any may be missing. */
  readSince(ageMs: number, take: (end: RecordedEnd) => void): Promise<void>
}
