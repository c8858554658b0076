import type { BlockReason } from '@latchkey/contracts/activity'
import type { Judgement, UserStates } from '../domain/ports.ts'
import { keysOf, outboxKeyOf, shardOf } from './keys.ts'
import type { ScriptRunner } from './run-script.ts'

const DAY_MS = 24 * 3600 * 1000
/** Longer than any session lives: a user who comes back with one has been gone for less. */
const RETENTION_MS = 400 * DAY_MS

export interface UserStatesOptions {
  /** Told of the shard that has a new event in its outbox. */
  readonly onEvent: (shard: string) => void
}

export function createUserStates(scripts: ScriptRunner, { onEvent }: UserStatesOptions): UserStates {
  const judge = scripts.load('judge-user')
  const moveLastSeen = scripts.load('move-last-seen')

  return {
    judge: async (userId, purpose, { windowMs, blockMs }) => {
      const shard = shardOf(userId)
      const keys = [keysOf(userId).state, outboxKeyOf(shard)]
      const reply = await judge(keys, [userId, purpose, windowMs, blockMs, Math.max(RETENTION_MS, 2 * windowMs)])
      const { judgement, began } = readReply(reply)
      if (began) onEvent(shard)
      return judgement
    },

    moveLastSeen: async (userId, seenMs) => {
      await moveLastSeen([keysOf(userId).state], [seenMs, RETENTION_MS])
    }
  }
}

/** Shapes as the head of judge-user.lua says. */
type JudgeReply =
  | ['blocked', now: number, lastSeen: number, reason: BlockReason, blockedUntil: number, began: 0 | 1]
  | ['admitted', now: number, lastSeen: number, windowStart: number]

function readReply(reply: unknown): { judgement: Judgement; began: boolean } {
  const fields = reply as JudgeReply
  const lastSeenMs = readTime(fields[2])
  if (fields[0] === 'admitted') {
    return { judgement: { verdict: 'admitted', lastSeenMs, windowStartMs: readTime(fields[3]) }, began: false }
  }
  const [, nowMs, , reason, blockedUntilMs, began] = fields
  return { judgement: { verdict: 'blocked', nowMs, lastSeenMs, reason, blockedUntilMs }, began: began === 1 }
}

function readTime(ms: number): number | undefined {
  return ms === -1 ? undefined : ms
}
