import { SHARDS } from '@latchkey/redis/shards'
import type { SessionCounts } from '../domain/admin-ports.ts'
import { type AskingOptions, createAsking } from './ask-shard.ts'
import { createPatientQueue } from './queues.ts'

/** The one shard that keeps what no user is concerned by. */
const COMMON_SHARD = '00'
const CLASSES = 100

export interface SessionCountStore extends SessionCounts {
  /** Counts announcements of this minute by class of duration, each below a hundred. */
  noteAnnounced(countByClass: ReadonlyMap<number, number>): Promise<void>
}

/** What the scripts of the store count as they go; see `scripts/counts.lua`. */
export function createSessionCounts(options: AskingOptions): SessionCountStore {
  const askShard = createAsking(options, createPatientQueue(options.onRefused))
  return {
    shards: SHARDS,

    read: async (shard) => {
      const { answer } = await askShard('read-counts', shard, '', [])
      const [minute, live, opened, announced] = answer
      const byMinute = new Map<number, Map<number, number>>()
      for (const [field, count] of readPairs(announced)) {
        const counts = byMinute.get(Math.floor(field / CLASSES)) ?? new Map<number, number>()
        byMinute.set(Math.floor(field / CLASSES), counts.set(field % CLASSES, count))
      }
      return { minute, live, opened: new Map(readPairs(opened)), announced: byMinute }
    },

    noteAnnounced: async (countByClass) => {
      await askShard('note-announced', COMMON_SHARD, '', [...countByClass].flat())
    }
  }
}

function readPairs(flat: readonly string[]): [number, number][] {
  return flat.flatMap((field, i) => (i % 2 === 0 ? [[Number(field), Number(flat[i + 1])] as [number, number]] : []))
}
