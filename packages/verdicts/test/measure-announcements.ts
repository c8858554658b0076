/*
 * How many changes a second can be announced, and how long one takes, by the number of holders that have to acknowledge it:
 * `pnpm --filter @latchkey/verdicts measure:announcements`. All holders are in this process, each with a connection of its
 * own, so that they share one core: what is measured is an upper bound of the cost of one more holder.
 */
import { randomUUID } from 'node:crypto'
import { openPlatform, untilSettled } from './authority-scenario.ts'

const HOLDER_COUNTS = [1, 3, 8]
const ALONE = 300
const AT_ONCE = 64
const SECONDS = 4

const teardowns: (() => Promise<void> | void)[] = []
const scope = { teardown: (release: () => Promise<void> | void) => void teardowns.unshift(release) }

const platform = await openPlatform(scope)
const authority = await platform.startAuthority({ config: { longestLeaseMs: 5000 } })
const announce = async (): Promise<void> => {
  const announced = await authority.announce([{ kind: 'session', id: randomUUID() }], { timeoutMs: 10_000 })
  if (!announced.ok) throw new Error('not announced')
}

async function measure() {
  const latencies: number[] = []
  for (let i = 0; i < ALONE; i += 1) {
    const startedAt = performance.now()
    await announce()
    latencies.push(performance.now() - startedAt)
  }
  latencies.sort((a, b) => a - b)
  const endsAt = performance.now() + SECONDS * 1000
  let count = 0
  const work = async (): Promise<void> => {
    while (performance.now() < endsAt) {
      await announce()
      count += 1
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return {
    'p50 ms': Number(latencies[Math.floor(ALONE / 2)]?.toFixed(2)),
    'p99 ms': Number(latencies[Math.floor(ALONE * 0.99)]?.toFixed(2)),
    'announcements a second': Math.round(count / SECONDS)
  }
}

const table: Record<string, Awaited<ReturnType<typeof measure>>> = {}
let holders = 0
for (const wanted of HOLDER_COUNTS) {
  for (; holders < wanted; holders += 1) await platform.startHolder()
  await untilSettled(authority)
  if (wanted === HOLDER_COUNTS[0]) await measure()
  table[`${wanted} holders`] = await measure()
}
console.table(table)
for (const release of teardowns) await release()
