import { SHARDS } from '@latchkey/redis/shards'
import type { Lineages } from '../domain/recovery-ports.ts'
import { type AskingOptions, createAsking } from './ask-shard.ts'
import { createPatientQueue } from './queues.ts'

/** What each shard knows of the server it is on; see `scripts/lineage.lua`. */
export function createLineages(options: AskingOptions): Lineages {
  const ask = createAsking(options, createPatientQueue(options.onRefused))
  return {
    shards: SHARDS,

    inspect: async (shard) => {
      const { answer } = await ask('inspect', shard, '', [])
      return answer[0] === 'whole' ? undefined : { shard, serverId: answer[1], ageMs: answer[2] }
    },

    recover: async ({ shard, serverId }, step, ends) => {
      const args = ends.flatMap(({ userId, sessionId, reason, endedAtMs }) => [userId, sessionId, reason, endedAtMs])
      const { answer } = await ask('recover', shard, '', [serverId, step, ...args])
      return answer[0] === 1
    }
  }
}
