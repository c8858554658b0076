import { test } from 'tap'
import { createUntilRecorded } from '../src/until-recorded.ts'

const userId = '0198f2a4-7c1d-7e3b-9a55-0c9a3d3f7b21'
const inTime = { remainingMs: () => 1000 }

test('an end is on record once its shard has been flushed', async (t) => {
  const flushed: string[] = []
  const flush = async (shard: string) => void flushed.push(shard)
  t.same(await createUntilRecorded('stream', { flush })(userId, inTime), { ok: true, value: undefined })
  t.same(flushed, ['21'])
})

test('an end that is not on record in time is not certain', async (t) => {
  const flush = () => new Promise<void>(() => undefined)
  const recorded = await createUntilRecorded('stream', { flush })(userId, { remainingMs: () => 60 })
  t.match(recorded, { ok: false, code: 'unavailable' })
})

test('where the store is enough nothing is waited for', async (t) => {
  const flush = () => Promise.reject(new Error('asked'))
  t.ok((await createUntilRecorded('store', { flush })(userId, inTime)).ok)
})
