import { mock } from 'node:test'
import { test } from 'tap'
import { createRefusalLog } from '../src/refusal-log.ts'

function createLines() {
  const lines: { fields: object; text: string }[] = []
  return { lines, warn: (fields: object, text: string) => void lines.push({ fields, text }) }
}

test('of many requests that are refused the first is told in full, the others by their number', async (t) => {
  const log = createLines()
  const refusals = createRefusalLog(log, 60_000)
  for (let count = 0; count < 1000; count += 1) refusals.note({ requestId: `request-${count}` })
  t.same(log.lines, [{ fields: { requestId: 'request-0' }, text: 'request' }])
  refusals.close()
  t.same(log.lines.slice(1), [{ fields: { requests: 999 }, text: 'requests refused for now' }])
})

test('once nothing has been refused for a while, the next one is told in full again', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const log = createLines()
  const refusals = createRefusalLog(log, 1000)
  refusals.note({ requestId: 'first' })
  refusals.note({ requestId: 'second' })
  mock.timers.tick(1000)
  mock.timers.tick(1000)
  refusals.note({ requestId: 'third' })
  t.same(log.lines, [
    { fields: { requestId: 'first' }, text: 'request' },
    { fields: { requests: 1, seconds: 1 }, text: 'requests refused for now' },
    { fields: { requestId: 'third' }, text: 'request' }
  ])
})
