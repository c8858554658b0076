import { test } from 'tap'
import { recoverShards } from '../../src/domain/recover-shards.ts'
import type { Doubt, Lineages } from '../../src/domain/recovery-ports.ts'

const recorded = { keptMs: 600_000, readSince: async () => undefined }

/** Shards by what is found of them. */
function createLineages(found: Readonly<Record<string, Omit<Doubt, 'shard'> | Error | undefined>>) {
  const recovered: string[] = []
  const lineages: Lineages = {
    shards: Object.keys(found),
    inspect: async (shard) => {
      const doubt = found[shard]
      if (doubt instanceof Error) throw doubt
      return doubt && { shard, ...doubt }
    },
    recover: async ({ shard }, step) => recovered.push(`${shard} ${step}`) > 0
  }
  return { lineages, recovered }
}

test('a shard that cannot be asked keeps no other in doubt', async (t) => {
  const { lineages, recovered } = createLineages({
    '00': new Error('down'),
    '01': { serverId: 'a', ageMs: 5 },
    '02': undefined
  })
  await t.rejects(recoverShards({ lineages, recorded }), /down/)
  t.same(recovered, ['01 last'])
})

test('the record is read once, as far back as the oldest doubt asks for', async (t) => {
  const reads: number[] = []
  const { lineages } = createLineages({ '00': { serverId: 'a', ageMs: 5 }, '01': { serverId: 'b', ageMs: 9000 } })
  const readSince = async (ageMs: number) => void reads.push(ageMs)
  t.equal(await recoverShards({ lineages, recorded: { ...recorded, readSince } }), 2)
  t.same(reads, [69_000])
})

test('what is older than the record is over', async (t) => {
  const { lineages, recovered } = createLineages({ '00': { serverId: 'a', ageMs: 590_000 } })
  await recoverShards({ lineages, recorded })
  t.same(recovered, ['00 everyone'])
})
