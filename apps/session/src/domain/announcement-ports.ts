import type { CallContext } from '@latchkey/contracts/define'
import type { Result } from '@latchkey/contracts/errors'
import type { VerdictItem } from '@latchkey/contracts/verdict'

/** What a change has left to be announced to those who keep verdicts: noted in the same step as the change. */
export interface Unannounced {
  readonly entryId: string
  readonly item: VerdictItem
}

/** A change that is stored. A crash may come next: what is still to be announced is noted in the store as well. */
export interface Stored {
  readonly unannounced: readonly Unannounced[]
}

/** A stored change, and whatever verdicts rest on it. */
export interface Change extends Stored {
  readonly userId: string
  readonly items: readonly VerdictItem[]
}

/** `ok` once nobody judges by what was true before the change; `unavailable` when that is not certain in the time left. */
export type Announce = (
  change: Change,
  context: Pick<CallContext, 'remainingMs'>
) => Promise<Result<void, 'unavailable'>>

/** Where a change was made. */
export interface MadeAt {
  /** Names the server as it is since it was started, restored or promoted: under another name it may lack the change. */
  readonly serverId: string
}

/** `ok` once the ends of the user's sessions are on record where a loss of the store does not reach them. */
export type UntilRecorded = (
  end: MadeAt & { readonly userId: string },
  context: Pick<CallContext, 'remainingMs'>
) => Promise<Result<void, 'unavailable'>>

/** Changes to several shards, and whatever verdicts rest on them. */
export type AnnounceShards = (
  items: readonly VerdictItem[],
  noted: readonly (Stored & { readonly shard: string })[],
  context: Pick<CallContext, 'remainingMs'>
) => Promise<Result<void, 'unavailable'>>
