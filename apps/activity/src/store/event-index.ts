import type { PlatformEntry, TimelineEntry } from '@latchkey/contracts/timeline'
import type { Scripts } from '@latchkey/redis/scripts'
import type { EventIndex } from '../domain/ports.ts'
import { presentEntryArgs, presentRange, readEntries } from './entry-text.ts'
import { digestOf, indexKeys, keysOf, orderKeyOf } from './keys.ts'

export interface EventIndexOptions {
  /** Entries kept of all users together; older ones go first. */
  readonly maxLength: number
  readonly retentionSeconds: number
}

/** Entries of everybody. What tells of a person's device and place is kept with that person alone. */
export function createEventIndex(scripts: Scripts, { maxLength, retentionSeconds }: EventIndexOptions): EventIndex {
  const append = scripts.load('index-entries')
  const list = scripts.load('list-entries')
  const find = scripts.load('find-entry')
  const erase = scripts.load('erase-indexed')
  const retentionMs = retentionSeconds * 1000

  const findDevice = async ({ userId, id }: PlatformEntry): Promise<TimelineEntry['device']> => {
    const json = await find([keysOf(userId).entries], [id])
    const entry: TimelineEntry | undefined = json === '' ? undefined : JSON.parse(String(json))
    return entry?.device ?? null
  }

  return {
    append: async (userId, entries) => {
      const args = entries.flatMap((entry) => presentEntryArgs({ userId, ...entry, device: null }))
      await append([indexKeys.order, indexKeys.entries], [maxLength, retentionMs, ...args])
    },

    erase: async (userId) => {
      const keys = [indexKeys.order, indexKeys.entries, indexKeys.erasing]
      return (await erase(keys, [userId, digestOf(userId), retentionMs])) === 1
    },

    list: async ({ kind, limit, ...range }) => {
      const { upper, lower } = presentRange(range)
      const keys = [orderKeyOf(kind), indexKeys.entries]
      const found = readEntries<PlatformEntry>(await list(keys, [upper, retentionMs, limit, '', lower]))
      return await Promise.all(found.map(async (entry) => ({ ...entry, device: await findDevice(entry) })))
    }
  }
}
