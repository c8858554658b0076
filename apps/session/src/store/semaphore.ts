import { StoreUnavailable } from '../domain/ports.ts'

export interface SemaphoreOptions {
  readonly maxUnderWay: number
  /** Beyond so many whoever has waited longest is refused. */
  readonly maxWaiting: number
  /** A queue that has not been empty for longer is no burst: more come than can be served. */
  readonly burstMs: number
  /** Whoever has waited longer, in a burst, is refused: the caller will have given up. */
  readonly burstWaitMs: number
  /** The same where more come than can be served, and nobody is helped by waiting. */
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
 * more come than can be served, the latest is served first: in order, each would be served when its caller is about to
 * give up, and nobody would have anything of it. (Adaptive LIFO with a shorter patience: B. Maurer, "Fail at Scale", ACM
 * Queue 13(8), 2015.) Whoever waits for too long is noticed when somebody comes or leaves.
 */
export function createSemaphore(options: SemaphoreOptions) {
  const { maxUnderWay, maxWaiting, burstMs, burstWaitMs, maxWaitMs, onRefused, nowMs } = options
  let underWay = 0
  const waiting: Waiting[] = []
  /** Since when somebody waits. */
  let busySince = 0

  const isBurst = (): boolean => nowMs() - busySince <= burstMs
  const refuseFirst = (): void => {
    onRefused()
    waiting.shift()?.refuse(new StoreUnavailable('too many commands wait for Redis'))
  }
  const refuseOverdue = (): void => {
    const dueSince = nowMs() - (isBurst() ? burstWaitMs : maxWaitMs)
    for (let first = waiting[0]; first !== undefined && first.since < dueSince; first = waiting[0]) refuseFirst()
  }
  const enter = async (): Promise<void> => {
    if (underWay < maxUnderWay) {
      underWay += 1
      return
    }
    refuseOverdue()
    if (waiting.length >= maxWaiting) refuseFirst()
    if (waiting.length === 0) busySince = nowMs()
    // Whoever leaves hands on the place, so that nobody can slip in between.
    await new Promise<void>((resolve, reject) => {
      waiting.push({ since: nowMs(), enter: resolve, refuse: reject })
    })
  }
  const leave = (): void => {
    refuseOverdue()
    const next = isBurst() ? waiting.shift() : waiting.pop()
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
