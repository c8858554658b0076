import { once } from 'node:events'
import process from 'node:process'

/*
 * Loaded before the entry point of every process the benchmark starts. Ends the process with the benchmark, however
 * that ends, and tells how much memory is in use once garbage is gone.
 */

const MEMORY_ROUNDS = 3

async function measureMemory(): Promise<number> {
  for (let i = 0; i < MEMORY_ROUNDS; i += 1) {
    globalThis.gc?.()
    await once(AbortSignal.timeout(50), 'abort')
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

process.on('disconnect', () => process.exit(1))
process.on('message', (message) => {
  if (message === 'memory') void measureMemory().then((bytes) => process.send?.({ bytes }))
})
process.channel?.unref()
