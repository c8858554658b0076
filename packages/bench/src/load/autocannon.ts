import { startNode } from '../processes/child.ts'
import type { LoadGenerator } from './load-generator.ts'

const GRACE_MS = 60_000

export const autocannon: LoadGenerator = {
  name: 'autocannon',
  run: async (target, { cores, ...load }) => {
    const child = startNode({
      entry: new URL('./autocannon-process.ts', import.meta.url),
      args: [JSON.stringify({ ...target, ...load })],
      cores
    })
    const result = child.read(
      ({ requestsPerSecond, failures }) =>
        typeof requestsPerSecond === 'number' ? { requestsPerSecond, failures: Number(failures) } : undefined,
      load.seconds * 1000 + GRACE_MS
    )
    return await result.finally(child.stop)
  }
}
