import { test } from 'tap'
import { classOf, findQuantileMs } from '../../src/domain/duration-classes.ts'

test('a duration comes back from its class never too short and at most a quarter too long', async (t) => {
  for (const durationMs of [0.01, 0.5, 0.51, 1, 2, 3.7, 10, 99, 100, 1234, 5000, 100_000]) {
    const found = findQuantileMs(new Map([[classOf(durationMs), 1]]), 0.5) ?? 0
    t.ok(found >= durationMs - 0.05, `${found} for ${durationMs}`)
    t.ok(found <= Math.max(0.5, durationMs * 1.25) + 0.05, `${found} for ${durationMs}`)
  }
  t.ok(classOf(Number.MAX_VALUE) < 100)
})

test('a share of all does not exceed a quantile', async (t) => {
  const counted = new Map([
    [classOf(500), 1],
    [classOf(1), 98],
    [classOf(10), 1]
  ])
  t.equal(findQuantileMs(counted, 0.5), findQuantileMs(new Map([[classOf(1), 1]]), 1))
  t.equal(findQuantileMs(counted, 0.99), findQuantileMs(new Map([[classOf(10), 1]]), 1))
  t.equal(findQuantileMs(counted, 1), findQuantileMs(new Map([[classOf(500), 1]]), 1))
  t.equal(findQuantileMs(new Map(), 0.5), null)
})
