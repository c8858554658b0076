import type { FlushCause } from './options.ts'

/** What the holder counts, in place. */
export function createTally() {
  const flushes: Record<FlushCause, number> = {
    connection: 0,
    subscription: 0,
    unreadable: 0,
    clock: 0,
    lapsed: 0,
    gap: 0,
    registry: 0,
    everyone: 0,
    stopped: 0
  }
  return { hits: 0, misses: 0, joins: 0, denials: 0, overtaken: 0, shed: 0, flushes }
}

export type Tally = ReturnType<typeof createTally>
