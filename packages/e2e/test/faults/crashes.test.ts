import { randomInt } from 'node:crypto'
import { test } from 'tap'
import { crashDuringSignIns } from '../../src/faults/scenarios/crash-during-sign-ins.ts'
import { createRandom } from '../../src/history/random.ts'

/** For many more: `pnpm test:faults --only crash-during-sign-ins`. */
const SIGN_INS = 200

test('whenever a service crashes, the events tell of exactly those sessions that were opened and ended', async (t) => {
  const seed = randomInt(1, 2 ** 31)
  const options = { random: createRandom(`${seed}`), patience: 1, sparedShare: 0, signIns: SIGN_INS }
  const { findings, notes } = await crashDuringSignIns.run(t, options)
  for (const note of notes) t.comment(note)
  t.same(findings, [], `seed ${seed}`)
})
