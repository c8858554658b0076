import { test } from 'tap'
import { runLoad } from './load-scenario.ts'

const REVOCATIONS = 2400

test('under load and slow look-ups no holder accepts a revoked session', async (t) => {
  const { stale, wronglyRefused, revoked, hits } = await runLoad(t, { revocations: REVOCATIONS })
  t.equal(stale, 0)
  t.equal(wronglyRefused, 0)
  t.ok(revoked >= REVOCATIONS)
  t.ok(hits > REVOCATIONS, 'the cache was in use')
})

for (const holderRules of [
  { refusesOvertakenAnswers: false },
  { detachesFlights: false },
  { obeysBeforeAcknowledging: false }
]) {
  test(`the load shows that holders break a rule: ${Object.keys(holderRules)}`, async (t) => {
    const { stale } = await runLoad(t, { revocations: REVOCATIONS, holderRules })
    t.ok(stale > 0)
  })
}

test('the load shows that revocations are answered too early', async (t) => {
  const { stale } = await runLoad(t, { revocations: REVOCATIONS, authorityRules: { awaitsHolders: false } })
  t.ok(stale > 0)
})
