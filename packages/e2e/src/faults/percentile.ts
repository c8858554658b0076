interface Timed {
  readonly start: number
  readonly end: number
}

/** Milliseconds: so many of a hundred took no longer. 0 where there is none. */
export function percentile(timed: readonly Timed[], percent: number): number {
  const sorted = timed.map(({ start, end }) => end - start).toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length * percent) / 100)] ?? 0
}
