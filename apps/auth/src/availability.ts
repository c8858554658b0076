interface Log {
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
}

/** Logs when a neighbour goes and when it comes back, not each call that meets it. */
export interface Availability {
  up(): void
  down(err: unknown): void
}

export function createAvailability(name: string, log: Log): Availability {
  let available = true
  return {
    up: () => {
      if (!available) log.info({}, `${name} answers again`)
      available = true
    },
    down: (err) => {
      if (available) log.warn({ err }, `${name} does not answer`)
      available = false
    }
  }
}
