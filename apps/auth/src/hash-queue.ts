import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { Deadline } from './domain/ports.ts'

export interface HashQueueOptions {
  /** Tasks run at the same time. Hashing uses the process's few shared threads, so this stays below four. */
  readonly concurrency: number
  /** Tasks that may wait for their turn. */
  readonly length: number
}

export interface HashQueue {
  /** `unavailable`, at once, when the queue is full; also when the deadline has passed before the task's turn. */
  run<T>(task: () => Promise<T>, deadline: Deadline): Promise<Result<T, 'unavailable'>>
  readonly load: HashLoad
}

export interface HashLoad {
  readonly running: number
  readonly waiting: number
  /** Tasks refused since the start. */
  readonly refused: number
}

/** Refusing early beats waiting: whoever waits longer than their deadline has their answer thrown away. */
export function createHashQueue({ concurrency, length }: HashQueueOptions): HashQueue {
  const waiting: (() => void)[] = []
  let running = 0
  let refused = 0
  const refuse = () => {
    refused += 1
    return fail('unavailable')
  }

  return {
    get load() {
      return { running, waiting: waiting.length, refused }
    },

    run: async (task, deadline) => {
      if (running >= concurrency) {
        if (waiting.length >= length) return refuse()
        await new Promise<void>((resolve) => waiting.push(resolve))
      } else running += 1
      try {
        if (deadline.remainingMs() <= 0) return refuse()
        return ok(await task())
      } finally {
        // Whoever is next takes over this place, so that nobody slips in between.
        const next = waiting.shift()
        if (next === undefined) running -= 1
        else next()
      }
    }
  }
}
