import { test } from 'tap'
import { createAvailability } from '../src/availability.ts'

function createLog() {
  const lines: string[] = []
  const tell = (_fields: object, text: string) => void lines.push(text)
  return { lines, info: tell, warn: tell }
}

test('that a neighbour goes is told once, as is its return', async (t) => {
  const log = createLog()
  const availability = createAvailability('it', log)
  availability.up()
  for (let count = 0; count < 100; count += 1) availability.down(new Error('away'))
  for (let count = 0; count < 100; count += 1) availability.up()
  t.same(log.lines, ['it does not answer', 'it answers again'])
})

test('one that comes and goes with every question is told of now and then', async (t) => {
  const log = createLog()
  let now = 0
  const availability = createAvailability('it', log, () => now)
  for (let count = 0; count < 100; count += 1) {
    availability.down(new Error('only some things work'))
    availability.up()
  }
  t.same(log.lines, ['it does not answer', 'it answers again'])
  now += 10_000
  availability.down(new Error('only some things work'))
  t.equal(log.lines.length, 3)
})
