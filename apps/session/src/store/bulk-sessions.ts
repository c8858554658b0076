import { SHARDS } from '@latchkey/redis/shards'
import type { BulkSessions } from '../domain/admin-ports.ts'
import { type AskingOptions, createAsking } from './ask-shard.ts'
import { createPatientQueue } from './queues.ts'
import { readSession } from './replies.ts'

/** No more than one announcement takes. */
const PENDING_PAGE = 100

/** The sessions of all users in Redis. Has a queue of its own, so that nobody who signs in waits behind it. */
export function createBulkSessions(options: AskingOptions): BulkSessions {
  const askShard = createAsking(options, createPatientQueue(options.onRefused))
  return {
    shards: SHARDS,

    listUsers: async (shard, from) => {
      const { answer } = await askShard('list-users', shard, '', [from?.place ?? 1, from?.cursor ?? '0'])
      const [place, cursor, userIds] = answer
      return { userIds, next: place === 0 ? undefined : { place, cursor } }
    },

    endMatching: async (shard, { userIds, criteria, endedBy, sampleSize }) => {
      const args = [
        JSON.stringify(criteria),
        endedBy === undefined ? '' : JSON.stringify(endedBy),
        sampleSize,
        ...userIds
      ]
      const { answer } = await askShard('end-matching', shard, '', args)
      const [matched, sample] = answer
      return { matched, sample: sample.map(([userId, session]) => readSession(userId, session)) }
    },

    endEveryone: async (shard, endedBy) => {
      const { answer, unannounced } = await askShard('end-everyone', shard, '', [JSON.stringify(endedBy)])
      return { ended: answer[0], unannounced }
    },

    listPending: async (shard, after) => {
      const { answer } = await askShard('list-pending', shard, '', [PENDING_PAGE, after ?? ''])
      return answer.map(([entryId, item]) => ({ entryId, item: JSON.parse(item) }))
    },

    readSteps: async (shard) => {
      const { answer } = await askShard('sweep', shard, '', [''])
      return { made: answer[0], swept: answer[1] }
    },

    markSwept: async (shard, steps) => void (await askShard('sweep', shard, '', [steps]))
  }
}
