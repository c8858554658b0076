import { StoreUnavailable } from '../domain/ports.ts'

export interface SemaphoreOptions {
  readonly maxUnderWay: number
  /** Beyond so many whoever has waited longest is refused. */
  readonly maxWaiting: number
  /** A queue whose first has waited for longer does not get shorter: more come than can be served. */
  readonly standingMs: number
  /** Whoever had to wait longer is refused: the caller will have given up. */
  readonly maxWaitMs: number
  readonly onRefused: () => void
  /** By a monotonic clock. */
  readonly nowMs: () => number
}

interface Waiting {
  readonly since: number
  enter(): void
  refuse(err: Error): void
}

/**
 * Lets so many commands be under way at once and the others wait: a burst is served in the order in which it came. Where
 * the queue stands, the latest is served first: in order, each would be served when its caller is about to give up, and
 * nobody would have anything of it. (Adaptive LIFO: B. Maurer, "Fail at Scale", ACM Queue 13(8), 2015.)
 */
export function createSemaphore(options: SemaphoreOptions) {
  const { maxUnderWay, maxWaiting, standingMs, maxWaitMs, onRefused, nowMs } = options
  let underWay = 0
  const waiting: Waiting[] = []

  const refuseFirst = (): void => {
    onRefused()
    waiting.shift()?.refuse(new StoreUnavailable('too many commands wait for Redis'))
  }
  const firstWaitsLongerThan = (ms: number): boolean => {
    const [first] = waiting
    return first !== undefined && nowMs() - first.since > ms
  }
  const enter = async (): Promise<void> => {
    if (underWay < maxUnderWay) {
      underWay += 1
      return
    }
    if (waiting.length >= maxWaiting) refuseFirst()
    // Whoever leaves hands on the place, so that nobody can slip in between.
    await new Promise<void>((resolve, reject) => {
      waiting.push({ since: nowMs(), enter: resolve, refuse: reject })
    })
  }
  const leave = (): void => {
    while (firstWaitsLongerThan(maxWaitMs)) refuseFirst()
    const next = firstWaitsLongerThan(standingMs) ? waiting.pop() : waiting.shift()
    if (next === undefined) underWay -= 1
    else next.enter()
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
