import type { Context } from '../context.ts'
import type { Target } from './load-generator.ts'

/** Requests a second. Throws when any was not answered well, or all: such a number would say nothing. */
export async function measureLoad(
  { generator, options, cores }: Context,
  target: Target,
  seconds = options.seconds
): Promise<number> {
  const load = { seconds, connections: options.connections, cores: cores.load }
  const { requestsPerSecond, failures } = await generator.run(target, load)
  if (failures > 0) throw new Error(`${target.url}: ${failures} requests failed`)
  if (requestsPerSecond === 0) throw new Error(`${target.url}: nothing was answered within ${seconds} s`)
  return requestsPerSecond
}
