import type { Context } from '../context.ts'
import { startNode } from '../processes/child.ts'

const GRACE_MS = 60_000

/** Runs a program of this package that measures one rate of the machine, on the core of the servers. */
export async function measureRawRate({ options, cores }: Context, entry: URL): Promise<number> {
  const task = JSON.stringify({ seconds: options.seconds })
  const child = startNode({ entry, args: [task], cores: cores.server })
  const rate = child.read(
    ({ perSecond }) => (typeof perSecond === 'number' ? perSecond : undefined),
    options.seconds * 1000 + GRACE_MS
  )
  return await rate.finally(child.stop)
}
