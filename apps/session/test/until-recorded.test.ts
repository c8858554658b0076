import { test } from 'tap'
import { StoreUnavailable } from '../src/domain/ports.ts'
import { createUntilRecorded } from '../src/until-recorded.ts'

const end = { userId: '0198f2a4-7c1d-7e3b-9a55-0c9a3d3f7b21', serverId: 'a' }
const inTime = { remainingMs: () => 1000 }
const flushed = { flush: async () => true }
const unmoved = { locate: async () => 'a' }

test('an end is on record once its shard has been flushed', async (t) => {
  const shards: string[] = []
  const flush = async (shard: string) => {
    shards.push(shard)
    return true
  }
  t.same(await createUntilRecorded('stream', { flush }, unmoved)(end, inTime), { ok: true, value: undefined })
  t.same(shards, ['21'])
})

test('an end that is not on record in time is not certain', async (t) => {
  const waits: number[] = []
  const flush = async (_shard: string, withinMs: number) => {
    waits.push(withinMs)
    return false
  }
  const recorded = await createUntilRecorded('stream', { flush }, unmoved)(end, { remainingMs: () => 60 })
  t.match(recorded, { ok: false, code: 'unavailable' })
  t.same(waits, [10], 'which leaves time for the answer')
})

test('an end is not certain where another server has the sessions by then, or none that is whole', async (t) => {
  const moved = { locate: async () => 'b' }
  t.match(await createUntilRecorded('stream', flushed, moved)(end, inTime), { ok: false, code: 'unavailable' })
  const doubtful = { locate: () => Promise.reject(new StoreUnavailable('the shard may lack changes')) }
  await t.rejects(createUntilRecorded('stream', flushed, doubtful)(end, inTime), StoreUnavailable)
})

test('where the store is enough nothing is waited for', async (t) => {
  const ask = () => Promise.reject(new Error('asked'))
  t.ok((await createUntilRecorded('store', { flush: ask }, { locate: ask })(end, inTime)).ok)
})
