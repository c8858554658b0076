import { StoreUnavailable } from '../domain/ports.ts'

export interface SemaphoreOptions {
  readonly maxUnderWay: number
  /** Whoever had to wait longer is refused: the caller will have given up. */
  readonly maxWaitMs: number
}

/** Lets so many commands be under way at once and the others wait their turn. */
export function createSemaphore({ maxUnderWay, maxWaitMs }: SemaphoreOptions) {
  let underWay = 0
  const waiting: (() => void)[] = []

  const enter = async (): Promise<void> => {
    if (underWay < maxUnderWay) {
      underWay += 1
      return
    }
    const startedAt = performance.now()
    // Whoever leaves hands on the place, so that nobody can slip in between.
    await new Promise<void>((resolve) => waiting.push(resolve))
    if (performance.now() - startedAt <= maxWaitMs) return
    leave()
    throw new StoreUnavailable('too many commands wait for Redis')
  }
  const leave = (): void => {
    const next = waiting.shift()
    if (next === undefined) underWay -= 1
    else next()
  }

  return async <T>(command: () => Promise<T>): Promise<T> => {
    await enter()
    try {
      return await command()
    } finally {
      leave()
    }
  }
}
