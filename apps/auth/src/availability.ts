interface Log {
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
}

/** Logs when a neighbour goes and when it comes back, not each call that meets it. */
export interface Availability {
  up(): void
  down(err: unknown): void
}

/** One that answers some questions and not others comes and goes with each of them; that is told of so often at most. */
const QUIET_MS = 10_000

export function createAvailability(name: string, log: Log, now = () => performance.now()): Availability {
  let isTold = false
  let toldAt = Number.NEGATIVE_INFINITY
  return {
    up: () => {
      if (isTold) log.info({}, `${name} answers again`)
      isTold = false
    },
    down: (err) => {
      if (isTold || now() - toldAt < QUIET_MS) return
      log.warn({ err }, `${name} does not answer`)
      isTold = true
      toldAt = now()
    }
  }
}
