import { test } from 'tap'
import { createRandom } from '../../src/history/random.ts'
import { drawSchedule, everything } from '../../src/history/schedule.ts'

const draw = (seed: string) => drawSchedule(everything, createRandom(seed), 4000, 60_000)

test('the same seed draws the same schedule, another one another', async (t) => {
  t.same(draw('1'), draw('1'))
  t.notSame(draw('1'), draw('2'))
})

test('faults come in pairs, within their time, and of every kind', async (t) => {
  const steps = ['1', '2', '3', '4'].flatMap((seed) => draw(seed))
  t.ok(steps.every(({ at, forMs }) => at >= 4000 && at + forMs <= 60_000))
  const overlapping = draw('1').filter((one, index, all) =>
    all.some((other, place) => place !== index && other.at < one.at + one.forMs && one.at < other.at + other.forMs)
  )
  t.ok(overlapping.length > 5)
  const kinds = ['break', 'cut', 'delay', 'forget-registry', 'freeze', 'half-open', 'hold', 'kill', 'lose']
  t.same([...new Set(steps.map(({ fault }) => fault.kind))].toSorted(), kinds)
})
