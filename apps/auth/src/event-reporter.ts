import type { PlatformEvent } from '@latchkey/contracts/events'
import { type Availability, createAvailability } from './availability.ts'
import type { EventReporter } from './domain/ports.ts'

export interface EventReporterOptions {
  /** Resolves once the event is kept. */
  readonly store: (event: PlatformEvent) => Promise<void>
  /** Events under way at the same time; what comes on top is dropped. */
  readonly limit: number
  readonly log: Parameters<typeof createAvailability>[1]
}

export interface ClosableEventReporter extends EventReporter {
  /** Waits for the events under way. */
  close(): Promise<void>
}

/** For events that belong to no transaction and that nobody waits for. */
export function createEventReporter({ store, limit, log }: EventReporterOptions): ClosableEventReporter {
  const availability: Availability = createAvailability('the event stream', log)
  const underWay = new Set<Promise<void>>()
  return {
    report: (event) => {
      if (underWay.size >= limit) return
      const task = store(event)
        .then(availability.up, availability.down)
        .finally(() => underWay.delete(task))
      underWay.add(task)
    },
    close: async () => {
      await Promise.all(underWay)
    }
  }
}
