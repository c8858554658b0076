import type { Scripts } from '@latchkey/redis/scripts'
import type { Erasures } from '../domain/ports.ts'
import { shardOf } from '../domain/shard.ts'
import { keysOf, markOf, outboxKeyOf } from './keys.ts'

export interface ErasuresOptions {
  /** For how long the event stream keeps an event at most. */
  readonly streamAgeMs: number
}

const DAY_MS = 24 * 3600 * 1000

export function createErasures(scripts: Scripts, { streamAgeMs }: ErasuresOptions): Erasures {
  const note = scripts.load('note-event')
  const erase = scripts.load('erase-user')
  const forget = scripts.load('forget-events')
  // An event that was held up on its way is younger in the stream than what it tells of.
  const keptMs = streamAgeMs + DAY_MS

  return {
    note: async (userId, sequence) => (await note([keysOf(userId).stored, markOf(userId)], [sequence, keptMs])) === 1,

    erase: async (userId) => {
      const { stored, ...others } = keysOf(userId)
      const outbox = outboxKeyOf(shardOf(userId))
      const keys = [markOf(userId), outbox, `${outbox}:dead`, stored, ...Object.values(others)]
      const sequences = await erase(keys, [userId, keptMs])
      return (sequences as string[]).map(Number)
    },

    forget: async (userId, sequences) => {
      await forget([keysOf(userId).stored], sequences)
    }
  }
}
