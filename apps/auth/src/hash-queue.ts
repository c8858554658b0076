import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { Deadline } from './domain/ports.ts'

export interface HashQueueOptions {
  /** Tasks run at the same time. Hashing uses the process's few shared threads, so this stays below four. */
  readonly concurrency: number
  /** Tasks that may wait for their turn. */
  readonly length: number
}

export interface HashQueue {
  /** Whether a task would be run in time, by what the last ones took; who has other work before it asks this first. */
  hasRoom(deadline: Deadline): boolean
  /** `unavailable`, at once, when there is no room; also when the deadline has passed before the task's turn. */
  run<T>(task: () => Promise<T>, deadline: Deadline): Promise<Result<T, 'unavailable'>>
  readonly load: HashLoad
}

export interface HashLoad {
  readonly running: number
  readonly waiting: number
  /** Tasks refused since the start. */
  readonly refused: number
}

/** How much the latest task counts for what tasks take. */
const WEIGHT = 0.1

/** Refusing early beats waiting: whoever waits longer than their deadline has their answer thrown away. */
export function createHashQueue({ concurrency, length }: HashQueueOptions): HashQueue {
  const waiting: (() => void)[] = []
  let running = 0
  let refused = 0
  /** What a task takes, as a moving average; 0 until one has ended. */
  let takesMs = 0
  const note = (tookMs: number) => {
    takesMs = takesMs === 0 ? tookMs : takesMs + WEIGHT * (tookMs - takesMs)
  }
  const hasRoom = (deadline: Deadline) => {
    if (running < concurrency) return true
    if (waiting.length >= length) return false
    const turns = Math.ceil((waiting.length + 1) / concurrency)
    return (turns + 1) * takesMs <= deadline.remainingMs()
  }
  const refuse = () => {
    refused += 1
    return fail('unavailable')
  }

  return {
    hasRoom,

    get load() {
      return { running, waiting: waiting.length, refused }
    },

    run: async (task, deadline) => {
      if (!hasRoom(deadline)) return refuse()
      if (running >= concurrency) {
        await new Promise<void>((resolve) => waiting.push(resolve))
      } else running += 1
      try {
        if (deadline.remainingMs() <= 0) return refuse()
        const startedAt = performance.now()
        const value = await task()
        note(performance.now() - startedAt)
        return ok(value)
      } finally {
        // Whoever is next takes over this place, so that nobody slips in between.
        const next = waiting.shift()
        if (next === undefined) running -= 1
        else next()
      }
    }
  }
}
