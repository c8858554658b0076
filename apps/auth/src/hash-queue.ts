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
}

/** Refusing early beats waiting: whoever waits longer than their deadline has their answer thrown away. */
export function createHashQueue({ concurrency, length }: HashQueueOptions): HashQueue {
  const waiting: (() => void)[] = []
  let running = 0

  return {
    run: async (task, deadline) => {
      if (running >= concurrency) {
        if (waiting.length >= length) return fail('unavailable')
        await new Promise<void>((resolve) => waiting.push(resolve))
      } else running += 1
      try {
        if (deadline.remainingMs() <= 0) return fail('unavailable')
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
