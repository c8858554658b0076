import type { Doubt, Lineages, RecordedEnd, RecordedEnds } from './recovery-ports.ts'
import { shardOf } from './references.ts'

export interface RecoverDeps {
  readonly lineages: Lineages
  readonly recorded: RecordedEnds
}

const AT_ONCE = 32
/** Ends of one step. */
const STEP = 100
/** The clocks of the store and of the record differ by less, and nothing is longer on its way from one to the other. */
const MARGIN_MS = 60_000

/**
 * Ends again what a store that went back in time has brought back. Returns how many shards were in doubt. Rejects where any
 * may still be, once the others are not.
 */
export async function recoverShards({ lineages, recorded }: RecoverDeps): Promise<number> {
  const { doubts, failures } = await inspectShards(lineages)
  if (doubts.length > 0) await recoverDoubtful({ lineages, recorded }, doubts)
  if (failures.length > 0) throw failures[0]
  return doubts.length
}

async function recoverDoubtful({ lineages, recorded }: RecoverDeps, doubts: readonly Doubt[]): Promise<void> {
  const [known, unknown] = [doubts.filter(isKnown), doubts.filter((doubt) => !isKnown(doubt))]
  function isKnown({ ageMs }: Doubt): boolean {
    return ageMs + MARGIN_MS < recorded.keptMs
  }
  const ends = new Map<string, RecordedEnd[]>(known.map(({ shard }) => [shard, []]))
  if (known.length > 0) {
    const ageMs = Math.max(...known.map((doubt) => doubt.ageMs)) + MARGIN_MS
    await recorded.readSince(ageMs, (end) => ends.get(shardOf(end.userId))?.push(end))
  }
  for (const doubt of known) await recoverShard(lineages, doubt, ends.get(doubt.shard) ?? [])
  for (const doubt of unknown) await lineages.recover(doubt, 'everyone', [])
}

/** A shard that is neither in doubt nor failing is known to be whole as of now. */
async function inspectShards(lineages: Lineages) {
  const doubts: Doubt[] = []
  const failures: unknown[] = []
  for (let first = 0; first < lineages.shards.length; first += AT_ONCE) {
    const asked = lineages.shards.slice(first, first + AT_ONCE).map((shard) => lineages.inspect(shard))
    for (const inspected of await Promise.allSettled(asked)) {
      if (inspected.status === 'rejected') failures.push(inspected.reason)
      else if (inspected.value !== undefined) doubts.push(inspected.value)
    }
  }
  return { doubts, failures }
}

async function recoverShard(lineages: Lineages, doubt: Doubt, ends: readonly RecordedEnd[]): Promise<void> {
  for (let first = 0; first + STEP < ends.length; first += STEP) {
    if (!(await lineages.recover(doubt, 'more', ends.slice(first, first + STEP)))) return
  }
  const rest = ends.length === 0 ? 0 : ends.length - (ends.length % STEP || STEP)
  await lineages.recover(doubt, 'last', ends.slice(rest))
}
