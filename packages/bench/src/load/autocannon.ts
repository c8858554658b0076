import { startNode } from '../processes/child.ts'
import type { Load, LoadGenerator, LoadResult, Target } from './load-generator.ts'

/** More than the generator's defaults: a fixed rate over all connections, in requests a second. */
export type Cannonade = Target & Load & { readonly ratePerSecond?: number }

export interface RunningLoad {
  readonly result: Promise<LoadResult>
  stop(): Promise<void>
}

const GRACE_MS = 60_000

/** Starts asking in a process of its own; `stop` ends it early. */
export function startAutocannon({ cores, ...task }: Cannonade): RunningLoad {
  const child = startNode({
    entry: new URL('./autocannon-process.ts', import.meta.url),
    args: [JSON.stringify(task)],
    cores
  })
  const result = child.read(
    ({ requestsPerSecond, failures }) =>
      typeof requestsPerSecond === 'number' ? { requestsPerSecond, failures: Number(failures) } : undefined,
    task.seconds * 1000 + GRACE_MS
  )
  result.catch(() => undefined)
  return { result, stop: child.stop }
}

export const autocannon: LoadGenerator = {
  name: 'autocannon',
  run: async (target, load) => {
    const { result, stop } = startAutocannon({ ...target, ...load })
    return await result.finally(stop)
  }
}
