import type { RecordedEntry, TimelineEntry } from '@latchkey/contracts/timeline'
import type { Scripts } from '@latchkey/redis/scripts'
import type { Timelines } from '../domain/ports.ts'
import { presentEntryArgs, presentRange, readEntries } from './entry-text.ts'
import { keysOf, markOf } from './keys.ts'

export interface TimelinesOptions {
  /** Entries kept for a user; older ones go first. */
  readonly maxLength: number
  readonly retentionSeconds: number
}

export function createTimelines(scripts: Scripts, { maxLength, retentionSeconds }: TimelinesOptions): Timelines {
  const append = scripts.load('minutes', 'append-entries')
  const list = scripts.load('list-entries')
  const listRecorded = scripts.load('list-recorded')
  const retentionMs = retentionSeconds * 1000

  return {
    append: async (userId, entries) => {
      const { timeline, entries: contents, recorded } = keysOf(userId)
      const args = [maxLength, retentionMs, ...entries.flatMap(presentEntryArgs)]
      return (await append([timeline, contents, recorded, markOf(userId)], args)) !== null
    },

    list: async (userId, { kind, limit, ...range }) => {
      const { timeline, entries } = keysOf(userId)
      const { upper, lower } = presentRange(range)
      return readEntries<TimelineEntry>(await list([timeline, entries], [upper, retentionMs, limit, kind ?? '', lower]))
    },

    listRecorded: async (userId, { after, limit }) => {
      const { entries, recorded } = keysOf(userId)
      const reply = await listRecorded([recorded, entries], [after ?? '', retentionMs, maxLength, limit])
      const [position, hasMore, hasGap, found] = reply as [string, number, number, string[]]
      return { items: readRecorded(found), position, hasMore: hasMore === 1, hasGap: hasGap === 1 }
    }
  }
}

/** Positions and texts by turns. */
function readRecorded(found: readonly string[]): RecordedEntry[] {
  return found.flatMap((position, index) => {
    const json = found[index + 1]
    return index % 2 === 1 || json === undefined ? [] : [{ position, entry: JSON.parse(json) }]
  })
}
