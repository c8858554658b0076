import { setTimeout as delay } from 'node:timers/promises'

/** Asked for without a pause, what is to happen would have to share the processor with the asking. */
const PAUSE_MS = 5

/** Asks again and again, and lets everything else go on between, until the answer is yes. */
export async function until(ask: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await ask())) await delay(PAUSE_MS)
}
