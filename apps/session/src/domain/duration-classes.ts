/** Durations are kept by class, each a quarter longer than the one before: few numbers, whatever is measured. */
const FIRST_MS = 0.5
const GROWTH = 1.25
const LAST_CLASS = 60

/** The class of a duration in milliseconds. */
export function classOf(durationMs: number): number {
  if (durationMs <= FIRST_MS) return 0
  return Math.min(LAST_CLASS, Math.ceil(Math.log(durationMs / FIRST_MS) / Math.log(GROWTH)))
}

/**
 * The duration in milliseconds that `share` of all do not exceed, by their number in each class: never too short, up to a
 * quarter too long. `null` of none.
 */
export function findQuantileMs(countByClass: ReadonlyMap<number, number>, share: number): number | null {
  const ascending = [...countByClass].toSorted(([a], [b]) => a - b)
  const total = ascending.reduce((sum, [, count]) => sum + count, 0)
  let passed = 0
  for (const [durationClass, count] of ascending) {
    passed += count
    if (passed >= total * share) return Math.round(FIRST_MS * GROWTH ** durationClass * 10) / 10
  }
  return null
}
