import { isChange, type ScriptName } from './scripts.ts'
import { createSemaphore } from './semaphore.ts'

/** So many of each kind are under way at once: however many list sessions, tokens are judged and sessions end. */
const MAX_UNDER_WAY = { verdict: 64, change: 32, other: 32 }
/** Nobody waits for longer than leaves the caller time to hear of it. */
const LIMITS = { maxWaiting: 512, standingMs: 100, maxWaitMs: 400, nowMs: () => performance.now() }

/** What a command is for: a verdict on a token, a change that somebody is told of, or anything else. */
export type QueueKind = keyof typeof MAX_UNDER_WAY

export interface Queues {
  /** Throws `StoreUnavailable` where too many wait. */
  inTurn<T>(name: ScriptName, command: () => Promise<T>): Promise<T>
}

/** A burst waits here: what waits in Redis instead would run into the timeout of a command and look like an outage. */
export function createQueues(onRefused: (kind: QueueKind) => void): Queues {
  const createQueue = (kind: QueueKind) =>
    createSemaphore({ ...LIMITS, maxUnderWay: MAX_UNDER_WAY[kind], onRefused: () => onRefused(kind) })
  const queues = { verdict: createQueue('verdict'), change: createQueue('change'), other: createQueue('other') }
  return {
    inTurn: (name, command) => queues[kindOf(name)](command)
  }
}

function kindOf(name: ScriptName): QueueKind {
  if (name === 'check') return 'verdict'
  return isChange(name) ? 'change' : 'other'
}
