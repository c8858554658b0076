import type { BlockReason } from '@latchkey/contracts/ids'
import type { Scripts } from '@latchkey/redis/scripts'
import { takeInSteps } from '@latchkey/redis/steps'
import type { Judgement, UserStates } from '../domain/ports.ts'
import { shardOf } from '../domain/shard.ts'
import { keysOf, markOf, outboxKeyOf, pendingKeyOf } from './keys.ts'

const DAY_MS = 24 * 3600 * 1000
/** Longer than any session lives: a user who comes back with one has been gone for less. */
const RETENTION_MS = 400 * DAY_MS
/** Later than any clock. */
const NEVER_MS = Number.MAX_SAFE_INTEGER
/** Users whose activity is taken by one script. */
const MAX_TOUCHES = 200

export interface UserStatesOptions {
  /** Told of the shard that has a new event in its outbox. */
  readonly onEvent: (shard: string) => void
  /** Told of each block that begins, with the entry that says so in the shard's pending stream. */
  readonly onBlock: (userId: string, entryId: string) => void
}

export function createUserStates(scripts: Scripts, { onEvent, onBlock }: UserStatesOptions): UserStates {
  const judge = scripts.load('minutes', 'judge-user')
  const moveLastSeen = scripts.load('minutes', 'move-last-seen')
  const findLastSeen = scripts.load('find-last-seen')
  const noteAdminBlock = scripts.load('note-admin-block')

  return {
    judge: async (userId, purpose, { windowMs, blockMs }, heardSinceMs) => {
      const shard = shardOf(userId)
      const keys = [keysOf(userId).state, outboxKeyOf(shard), pendingKeyOf(shard), markOf(userId)]
      const keptMs = Math.max(RETENTION_MS, 2 * windowMs)
      const reply = await judge(keys, [userId, purpose, windowMs, blockMs, keptMs, Math.min(heardSinceMs, NEVER_MS)])
      const { judgement, beginning } = readReply(reply)
      if (beginning !== undefined) {
        onEvent(shard)
        onBlock(userId, beginning.entryId)
      }
      return judgement
    },

    moveLastSeen: async (userId, seenMs) => {
      await moveLastSeen([keysOf(userId).state, markOf(userId)], ['at', RETENTION_MS, seenMs])
    },

    noteAdminBlock: async (userId, { decidedAtMs, untilMs }) => {
      await noteAdminBlock([keysOf(userId).state, markOf(userId)], [decidedAtMs, untilMs ?? 0, RETENTION_MS])
    },

    listLastSeen: async (userIds) => {
      const times = await Promise.all(userIds.map((userId) => findLastSeen([keysOf(userId).state], [])))
      return times.map((time) => readTime(time as number))
    },

    touch: async (uses) => {
      const byShard = Map.groupBy(uses, ({ userId }) => shardOf(userId))
      await takeInSteps(byShard, MAX_TOUCHES, async (_shard, step, waitedMs) => {
        const keys = step.flatMap(({ userId }) => [keysOf(userId).state, markOf(userId)])
        await moveLastSeen(keys, ['age', RETENTION_MS, ...step.map(({ ageMs }) => ageMs + waitedMs)])
      })
    }
  }
}

/** Shapes as the head of judge-user.lua says. */
type JudgeReply =
  | ['blocked', now: number, lastSeen: number, reason: BlockReason, blockedUntil: number, entryId: string]
  | ['admitted', now: number, lastSeen: number, windowStart: number, adminUntil: number]

interface Judged {
  readonly judgement: Judgement
  /** Where this call began a block. */
  readonly beginning: { readonly entryId: string } | undefined
}

function readReply(reply: unknown): Judged {
  const fields = reply as JudgeReply
  const lastSeenMs = readTime(fields[2])
  if (fields[0] === 'admitted') {
    const [verdict, nowMs, , windowStart, adminUntil] = fields
    const adminBlock = adminUntil === -1 ? undefined : { untilMs: adminUntil === 0 ? undefined : adminUntil }
    const judgement = { verdict, nowMs, lastSeenMs, windowStartMs: readTime(windowStart), adminBlock }
    return { judgement, beginning: undefined }
  }
  const [verdict, nowMs, , reason, blockedUntilMs, entryId] = fields
  const judgement = { verdict, nowMs, lastSeenMs, reason, blockedUntilMs }
  return { judgement, beginning: entryId === '' ? undefined : { entryId } }
}

function readTime(ms: number): number | undefined {
  return ms === -1 ? undefined : ms
}
