/** Runs `task` for each of `count` places, `concurrency` at a time. */
export async function forEachPlace(
  count: number,
  concurrency: number,
  task: (place: number) => Promise<void>
): Promise<void> {
  let next = 0
  const work = async (): Promise<void> => {
    while (next < count) {
      next += 1
      await task(next - 1)
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, work))
}

/** `workers` repeat `step` until the time is over. Returns how many were done in a second. */
export async function measureRate(
  seconds: number,
  workers: number,
  step: (worker: number) => Promise<void>
): Promise<number> {
  const startedAtMs = performance.now()
  const endsAtMs = startedAtMs + seconds * 1000
  let done = 0
  const work = async (_: unknown, worker: number): Promise<void> => {
    while (performance.now() < endsAtMs) {
      await step(worker)
      done += 1
    }
  }
  await Promise.all(Array.from({ length: workers }, work))
  return (done * 1000) / (performance.now() - startedAtMs)
}
