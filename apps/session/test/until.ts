import { setImmediate } from 'node:timers/promises'

/** Asks again and again, and lets everything else go on between, until the answer is yes. */
export async function until(ask: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await ask())) await setImmediate()
}
