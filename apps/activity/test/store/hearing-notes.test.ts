import { startRedis } from '@latchkey/testing/stores'
import { test } from 'tap'
import { createHearingNotes } from '../../src/store/hearing-notes.ts'
import { HEARING_KEY } from '../../src/store/keys.ts'
import { openRedis, readClock, until } from '../scenario.ts'
import { openClient, openScripts } from './fixtures.ts'

const HOUR_MS = 3_600_000

test('uses are heard since the first note after a gap, a loss, or a clock that went back', async (t) => {
  const { url } = await startRedis(t)
  const { note } = createHearingNotes(openScripts(await openClient(t, url)))
  const direct = openRedis(t, url)
  const whole = { gapMs: HOUR_MS, hasLost: false }
  const readLater = async (since: number) => await until(async () => (await readClock(direct)) > since)

  const first = await note(whole)
  await readLater(first)
  t.equal(await note(whole), first)
  const afterGap = await note({ ...whole, gapMs: 1 })
  t.ok(afterGap > first)
  await readLater(afterGap)
  t.equal(await note(whole), afterGap)
  const afterLoss = await note({ ...whole, hasLost: true })
  t.ok(afterLoss > afterGap)
  await readLater(afterLoss)
  await direct.hset(HEARING_KEY, 'heardAt', (await readClock(direct)) + HOUR_MS)
  t.ok((await note(whole)) > afterLoss)
})
