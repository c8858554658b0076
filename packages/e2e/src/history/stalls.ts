import { availableParallelism, loadavg } from 'node:os'
import type { Recorder } from './recorder.ts'

const EVERY_MS = 20
/** A process that is not run for so long is no judge of what is available. */
const STALL_MS = 250
const LOAD_EVERY_MS = 1000
/** With so many processes waiting for each core, any one of them may be left waiting for longer than a look-up may take. */
const BUSY_PER_CORE = 4

/**
 * Notes when this process was not run, and when too many others wanted to: the machine is then too busy to hold anybody
 * to being available. It excuses no wrong answer.
 */
export function watchStalls(recorder: Pick<Recorder, 'noteDisturbance'>): () => void {
  let last = performance.now()
  const stalls = setInterval(() => {
    const now = performance.now()
    if (now - last > STALL_MS) recorder.noteDisturbance({ name: 'stalled', start: last, end: now })
    last = now
  }, EVERY_MS)
  let looked = performance.now() - LOAD_EVERY_MS
  const look = () => {
    noteLoad(recorder, looked)
    looked = performance.now()
  }
  const load = setInterval(look, LOAD_EVERY_MS)
  look()
  return () => {
    clearInterval(stalls)
    clearInterval(load)
  }
}

function noteLoad(recorder: Pick<Recorder, 'noteDisturbance'>, since: number): void {
  const [lastMinute = 0] = loadavg()
  if (lastMinute <= BUSY_PER_CORE * availableParallelism()) return
  recorder.noteDisturbance({ name: 'busy machine', start: since, end: performance.now() })
}
