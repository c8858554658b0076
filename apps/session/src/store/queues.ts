import { isChange, type ScriptName } from './scripts.ts'
import { createSemaphore } from './semaphore.ts'

/** What a command is for: a verdict on a token, a change that somebody is told of, uses to be noted, or anything else. */
export type QueueKind = 'verdict' | 'change' | 'use' | 'other'

export interface Queues {
  /** Throws `StoreUnavailable` where too many wait. */
  inTurn<T>(name: ScriptName, command: () => Promise<T>): Promise<T>
}

const nowMs = () => performance.now()
/** Nobody waits for longer than leaves the caller time to hear of it. */
const LIMITS = { maxWaiting: 512, burstMs: 1000, burstWaitMs: 800, maxWaitMs: 400, nowMs }
/** Whoever asks all shards at once has many turns to wait for. */
const PATIENT = { maxUnderWay: 64, maxWaiting: 4096, burstMs: Number.POSITIVE_INFINITY, burstWaitMs: 1000, nowMs }

/**
 * A burst waits here: what waits in Redis instead would run into the timeout of a command and look like an outage. Each
 * kind has a queue of its own: however many list sessions, tokens are judged and sessions end.
 */
export function createQueues(onRefused: (kind: QueueKind) => void): Queues {
  const createQueue = (kind: QueueKind, maxUnderWay: number) =>
    createSemaphore({ ...LIMITS, maxUnderWay, onRefused: () => onRefused(kind) })
  const queues = {
    verdict: createQueue('verdict', 64),
    change: createQueue('change', 64),
    use: createQueue('use', 8),
    other: createQueue('other', 32)
  }
  return {
    inTurn: (name, command) => queues[kindOf(name)](command)
  }
}

/** For work over all shards, which nobody waits for at a gateway but an admin: one queue, in order. */
export function createPatientQueue(onRefused: (kind: QueueKind) => void): Queues {
  const inTurn = createSemaphore({ ...PATIENT, maxWaitMs: PATIENT.burstWaitMs, onRefused: () => onRefused('other') })
  return {
    inTurn: (_, command) => inTurn(command)
  }
}

function kindOf(name: ScriptName): QueueKind {
  if (name === 'check') return 'verdict'
  if (name === 'touch') return 'use'
  // Some ends have to find their session first, or ask at last where they were made.
  return isChange(name) || name === 'find' || name === 'locate' ? 'change' : 'other'
}
