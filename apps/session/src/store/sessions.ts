import { createHash } from 'node:crypto'
import type { Lifetimes, NewSession, Policy, SessionStore, Unannounced } from '../domain/ports.ts'
import { shardOf } from '../domain/references.ts'
import { createAvailability, type Log } from './availability.ts'
import { encodeProfile } from './profile-text.ts'
import type { RedisClient } from './redis.ts'
import {
  encodeDevice,
  type PendingReply,
  type Replies,
  readChecked,
  readOpened,
  readRotated,
  readSession,
  readSessions,
  readUnannounced
} from './replies.ts'
import { createScriptRunner, type ScriptName } from './scripts.ts'
import { createSemaphore } from './semaphore.ts'

export interface SessionStoreOptions {
  readonly redis: RedisClient
  readonly lifetimes: Lifetimes
  /** Ended sessions are kept for so long, and so many of each user. */
  readonly retentionMs: number
  readonly historyLength: number
  readonly refreshGraceMs: number
  /** Told of each shard whose outbox has got something. */
  readonly onEvents: (shard: string) => void
  readonly log: Log
}

/** No user has more live sessions than this, whatever the policy: what is asked of a user's hash stays bounded. */
const MAX_LIVE_SESSIONS = 1000
/** Sign-ins are told of so many other sessions; the list has them all. */
const MAX_TOLD_SESSIONS = 50
/** A burst waits here: what waits in Redis instead would run into the timeout of a command and look like an outage. */
const SEMAPHORE = { maxUnderWay: 64, maxWaitMs: 1000 }
const LONGEST_TOUCH_STEP_MS = 1000
/** An idle deadline is late by no more than this part of the idle time. */
const TOUCH_STEPS_PER_IDLE = 20

export function outboxKeyOf(shard: string): string {
  return `lk:s:{${shard}}:outbox`
}

/** What a shard has still to announce; see `@latchkey/verdicts/relay`. */
export function pendingKeyOf(shard: string): string {
  return `lk:s:{${shard}}:pending`
}

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

    end: async ({ userId, sessionId }, reason) => {
      const { answer, unannounced } = await ask('end', userId, [sessionId, reason])
      return answer[0] === 'unknown' ? undefined : { session: readSession(userId, answer[1]), unannounced }
    },

    endAll: async ({ userId, exceptSessionId, reason, epoch }) => {
      const { answer, unannounced } = await ask('end-all', userId, [exceptSessionId ?? '', reason, epoch ?? ''])
      return { ended: answer[0], unannounced }
    },

    list: async ({ userId, state, limit, beforeSlot }) => {
      const { answer } = await ask('list', userId, [state, limit, beforeSlot ?? ''])
      const [sessions, hasMore] = answer
      return { sessions: readSessions(userId, sessions), hasMore: hasMore === 1 }
    },

    putProfile: async (user, version) => {
      const { unannounced } = await ask('put-profile', user.id, [encodeProfile(user), version])
      return { unannounced }
    },

    touch: async (shard, uses) => {
      const args = uses.flatMap(({ userId, sessionId, ageMs }) => [userId, sessionId, ageMs])
      await askShard('touch', shard, '', args)
    }
  }
}

type ScriptArguments = readonly (string | number | Buffer)[]

interface Asked<N extends ScriptName> {
  readonly answer: Replies[N]
  readonly unannounced: readonly Unannounced[]
}

/** Runs a script over one user's hash, or none, with the configuration that every script needs. */
function createAsking({ redis, lifetimes, retentionMs, historyLength, onEvents, log }: SessionStoreOptions) {
  const runScript = createScriptRunner(redis)
  const whenAvailable = createAvailability(log)
  const inTurn = createSemaphore(SEMAPHORE)
  const settings = [lifetimes.idleMs, lifetimes.absoluteMs, retentionMs, historyLength]
  return async <N extends ScriptName>(
    name: N,
    shard: string,
    userId: string,
    args: ScriptArguments
  ): Promise<Asked<N>> => {
    const keys = [`lk:s:{${shard}}:${userId}`, outboxKeyOf(shard), pendingKeyOf(shard)]
    const reply = await inTurn(() => whenAvailable(() => runScript(name, keys, [userId, ...settings, ...args])))
    const [appended, answer, pending] = reply as [number, Replies[N], PendingReply[]]
    if (appended > 0) onEvents(shard)
    return { answer, unannounced: readUnannounced(pending) }
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
    session.replaces ?? ''
  ]
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
