import { findCpuSeconds } from './processes/cores.ts'
import { median } from './statistics.ts'

/** One of those measured side by side. */
export interface Contestant {
  readonly id: string
  readonly name: string
  /** One measurement: a rate, or whatever the measure compares. */
  readonly run: () => Promise<number>
  /** The process that is measured, to tell how busy it was. */
  readonly pid?: number
}

/** What was found of one contestant. */
export interface Finding {
  /** The measure and the contestant, `who-am-i/hot`: targets and readers of the JSON go by it. */
  readonly id: string
  readonly name: string
  readonly unit: string
  readonly median: number
  /** One value a round. */
  readonly values: readonly number[]
  /** Why rounds have no value, one line each. */
  readonly faults?: readonly string[]
  /** Share of a core that the measured process used, 0 to 1, where the system tells. */
  readonly busy?: number
}

/** A finding of a single value. */
export function createFinding(id: string, name: string, unit: string, values: readonly number[]): Finding {
  return { id, name, unit, values, median: median(values) }
}

export interface Turns {
  readonly rounds: number
  readonly unit: string
  readonly tell: (line: string) => void
}

interface Entry {
  readonly contestant: Contestant
  readonly values: number[]
  readonly busy: number[]
  readonly faults: string[]
}

/**
 * Lets the contestants take turns, so that what changes on the machine meanwhile meets all of them; each round begins
 * with another one. A contestant that fails has no value in that round, and its finding says why.
 */
export async function takeTurns(contestants: readonly Contestant[], turns: Turns): Promise<Finding[]> {
  const entries = contestants.map((contestant): Entry => ({ contestant, values: [], busy: [], faults: [] }))
  for (let round = 0; round < turns.rounds; round += 1) {
    const first = round % Math.max(1, entries.length)
    for (const entry of [...entries.slice(first), ...entries.slice(0, first)]) {
      const outcome = await takeTurn(entry)
      turns.tell(`  round ${round + 1} of ${turns.rounds}, ${entry.contestant.name}: ${outcome} ${turns.unit}`)
    }
  }
  return entries.map(({ contestant: { id, name }, values, busy, faults }) => ({
    ...createFinding(id, name, turns.unit, values),
    ...(busy.length === 0 ? {} : { busy: median(busy) }),
    ...(faults.length === 0 ? {} : { faults })
  }))
}

async function takeTurn({ contestant, values, busy, faults }: Entry): Promise<string> {
  try {
    const sample = await watchProcess(contestant)
    values.push(sample.value)
    if (sample.busy !== undefined) busy.push(sample.busy)
    return sample.value.toFixed(1)
  } catch (err) {
    faults.push(err instanceof Error ? err.message : String(err))
    return `failed, ${faults.at(-1)};`
  }
}

async function watchProcess({ run, pid }: Contestant): Promise<{ value: number; busy: number | undefined }> {
  const cpuBefore = pid === undefined ? undefined : findCpuSeconds(pid)
  const startedAtMs = performance.now()
  const value = await run()
  const cpuAfter = pid === undefined ? undefined : findCpuSeconds(pid)
  const seconds = (performance.now() - startedAtMs) / 1000
  const busy = cpuBefore === undefined || cpuAfter === undefined ? undefined : (cpuAfter - cpuBefore) / seconds
  return { value, busy }
}
