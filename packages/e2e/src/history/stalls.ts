import type { Recorder } from './recorder.ts'

const EVERY_MS = 20
/** A process that is not run for so long is no judge of what is available. */
const STALL_MS = 250

/** Notes when this process was not run: the machine is then too busy to hold anybody to being available. */
export function watchStalls(recorder: Recorder): () => void {
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    if (now - last > STALL_MS) recorder.noteDisturbance({ name: 'stalled', start: last, end: now })
    last = now
  }, EVERY_MS)
  return () => clearInterval(timer)
}
