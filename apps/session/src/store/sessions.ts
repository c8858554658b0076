import { createHash } from 'node:crypto'
import type { Actor } from '@latchkey/contracts/ids'
import { takeInSteps } from '@latchkey/redis/steps'
import type { NewSession, Policy, SessionStore } from '../domain/ports.ts'
import { shardOf } from '../domain/references.ts'
import { type AskingOptions, createAsking, type ScriptArguments } from './ask-shard.ts'
import { encodeProfile } from './profile-text.ts'
import {
  encodeDevice,
  readChecked,
  readDevices,
  readOpened,
  readRotated,
  readSession,
  readSessions
} from './replies.ts'
import type { ScriptName } from './scripts.ts'

export interface SessionStoreOptions extends AskingOptions {
  readonly refreshGraceMs: number
}

/** No user has more live sessions than this, whatever the policy: what is asked of a user's hash stays bounded. */
const MAX_LIVE_SESSIONS = 1000
/** Sign-ins are told of so many other sessions; the list has them all. */
const MAX_TOLD_SESSIONS = 50
/** Uses taken by one script. */
const MAX_TOUCHES = 100
const LONGEST_TOUCH_STEP_MS = 1000
/** An idle deadline is late by no more than this part of the idle time. */
const TOUCH_STEPS_PER_IDLE = 20
/** Longer than anything about a user who was deleted can be on its way. */
const DELETION_MARK_MS = 24 * 3_600_000

/** Sessions in Redis: all of a user in one hash, each method one script. See `scripts/records.lua` for the layout. */
export function createSessionStore(options: SessionStoreOptions): SessionStore {
  const askShard = createAsking(options)
  const ask = <N extends ScriptName>(name: N, userId: string, args: ScriptArguments) =>
    askShard(name, shardOf(userId), userId, args)
  const touchStepMs = Math.min(LONGEST_TOUCH_STEP_MS, Math.ceil(options.lifetimes.idleMs / TOUCH_STEPS_PER_IDLE))
  return {
    open: async (session) => {
      const { answer, unannounced } = await ask('open', session.user.id, toOpenArguments(session))
      return readOpened(session.user.id, answer, unannounced)
    },

    check: async ({ userId, sessionId }, { touch }) => {
      const { answer } = await ask('check', userId, [sessionId, touch ? touchStepMs : ''])
      return readChecked(userId, answer)
    },

    rotate: async ({ userId, sessionId, counter, hash, successor }) => {
      const args = [sessionId, counter, hash, successor.hash, options.refreshGraceMs]
      const { answer, unannounced } = await ask('rotate', userId, args)
      return readRotated(userId, answer, unannounced)
    },

    find: async (sessionId) => {
      const { answer } = await askShard('find', sessionId.slice(0, 2), '', [sessionId])
      return answer[0] === 'unknown' ? undefined : readSession(answer[1], answer[2])
    },

    end: async ({ userId, sessionId }, reason, actor) => {
      const { answer, ...made } = await ask('end', userId, [sessionId, reason, encodeActor(actor)])
      return answer[0] === 'unknown' ? undefined : { session: readSession(userId, answer[1]), ...made }
    },

    endAll: async ({ userId, exceptSessionId, reason, epoch, actor }) => {
      const args = [exceptSessionId ?? '', reason, epoch ?? '', encodeActor(actor)]
      const { answer, ...made } = await ask('end-all', userId, args)
      return { ended: answer[0], ...made }
    },

    locate: async (userId) => {
      const { serverId } = await ask('locate', userId, [])
      return serverId
    },

    list: async ({ userId, state, limit, beforeSlot }) => {
      const { answer } = await ask('list', userId, [state, limit, beforeSlot ?? ''])
      const [sessions, hasMore] = answer
      return { sessions: readSessions(userId, sessions), hasMore: hasMore === 1 }
    },

    putProfile: async (user, version, block) => {
      const endsAtMs = block === undefined ? '' : (block.endsAtMs ?? 0)
      const { unannounced } = await ask('put-profile', user.id, [encodeProfile(user), version, endsAtMs])
      return { unannounced }
    },

    touch: async (uses) => {
      const byShard = Map.groupBy(uses, ({ userId }) => shardOf(userId))
      await takeInSteps(byShard, MAX_TOUCHES, async (shard, step, waitedMs) => {
        const args = step.flatMap(({ userId, sessionId, ageMs }) => [userId, sessionId, ageMs + waitedMs])
        await askShard('touch', shard, '', args)
      })
    },

    listDevices: async (userId) => {
      const { answer } = await ask('list-devices', userId, [])
      return readDevices(answer)
    },

    erase: async (userId) => {
      const { unannounced } = await ask('erase', userId, [DELETION_MARK_MS])
      return { unannounced }
    }
  }
}

function toOpenArguments(session: NewSession): ScriptArguments {
  const { device, user } = session
  const { policy, limit } = toLimit(session.policy)
  return [
    session.id,
    session.refreshTokenHash ?? '',
    session.method,
    session.tokens,
    encodeDevice(device),
    device.id === null ? '' : hashDeviceId(device.id),
    encodeProfile(user),
    session.profileVersion ?? 0,
    Date.parse(user.createdAt),
    session.epoch,
    policy,
    limit,
    MAX_TOLD_SESSIONS,
    user.role,
    session.replaces ?? ''
  ]
}

function encodeActor(actor: Actor | undefined): string {
  return actor === undefined ? '' : JSON.stringify(actor)
}

function toLimit(policy: Policy): { policy: 'evict_oldest' | 'deny' | 'single'; limit: number } {
  if (policy.kind === 'single') return { policy: 'single', limit: 1 }
  if (policy.kind === 'limit') return { policy: policy.overflow, limit: policy.limit }
  return { policy: 'evict_oldest', limit: MAX_LIVE_SESSIONS }
}

/** 66 bits are plenty to tell the few devices of one user apart. */
function hashDeviceId(deviceId: string): string {
  return createHash('sha256').update(deviceId).digest('base64url').slice(0, 11)
}
