import { test } from 'tap'
import { StoreUnavailable } from '../src/domain/ports.ts'
import { createHearing } from '../src/hearing.ts'

function createScenario() {
  const noted: boolean[] = []
  const state = { isConnected: true, isStoreUp: true, nowMs: 0 }
  const hearing = createHearing({
    notes: {
      note: async ({ hasLost }) => {
        if (!state.isStoreUp) throw new StoreUnavailable('away')
        noted.push(hasLost)
        return noted.length
      }
    },
    isConnected: () => state.isConnected,
    monotonicMs: () => state.nowMs
  })
  return { hearing, noted, state }
}

test('what was noted lately is known without asking, and of many who ask at once one does', async (t) => {
  const { hearing, noted, state } = createScenario()
  t.same(await Promise.all([hearing.findSince(), hearing.findSince(), hearing.findSince()]), [1, 1, 1])
  state.nowMs += 2000
  t.equal(await hearing.findSince(), 1)
  state.nowMs += 2000
  t.equal(await hearing.findSince(), 2)
  t.same(noted, [false, false])
})

test('nobody can say since when, while the bus or the store is away', async (t) => {
  const { hearing, noted, state } = createScenario()
  state.isConnected = false
  t.equal(await hearing.findSince(), Number.POSITIVE_INFINITY)
  state.isConnected = true
  state.isStoreUp = false
  t.equal(await hearing.findSince(), Number.POSITIVE_INFINITY)
  state.isStoreUp = true
  t.equal(await hearing.findSince(), 1)
  t.equal(noted.length, 1)
})

test('a loss is noted once, as soon as that can be done', async (t) => {
  const { hearing, noted, state } = createScenario()
  await hearing.findSince()
  hearing.noteLoss()
  state.isStoreUp = false
  t.equal(await hearing.findSince(), Number.POSITIVE_INFINITY)
  state.isStoreUp = true
  t.equal(await hearing.findSince(), 2)
  t.equal(await hearing.findSince(), 2)
  t.same(noted, [false, true])
})
