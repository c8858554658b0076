import type { PlatformEvent } from '@latchkey/contracts/events'
import { test } from 'tap'
import { createEventReporter } from '../src/event-reporter.ts'

const event: PlatformEvent = {
  id: 'event-0001',
  version: 1,
  name: 'passwordChanged',
  userId: '019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b21',
  occurredAt: '2026-11-21T09:30:00.000Z',
  payload: {}
}

function createLog() {
  const lines: string[] = []
  const add = (_fields: object, text: string) => void lines.push(text)
  return { lines, log: { info: add, warn: add } }
}

test('closing waits for the events under way', async (t) => {
  const gate = Promise.withResolvers<void>()
  const reporter = createEventReporter({ store: () => gate.promise, limit: 10, log: createLog().log })
  reporter.report(event)
  let closed = false
  const closing = reporter.close().then(() => {
    closed = true
  })
  await new Promise(setImmediate)
  t.equal(closed, false)
  gate.resolve()
  await closing
})

test('what comes on top of the limit is dropped', async (t) => {
  let stored = 0
  const store = async () => {
    stored += 1
  }
  const reporter = createEventReporter({ store, limit: 2, log: createLog().log })
  for (let index = 0; index < 5; index += 1) reporter.report(event)
  await reporter.close()
  t.equal(stored, 2)
})

test('a stream that is down is logged once, and once when it is back', async (t) => {
  const { lines, log } = createLog()
  const outcomes = [false, false, true, true]
  const store = () => (outcomes.shift() ? Promise.resolve() : Promise.reject(new Error('down')))
  const reporter = createEventReporter({ store, limit: 1, log })
  for (let index = 0; index < 4; index += 1) {
    reporter.report(event)
    await reporter.close()
  }
  t.same(lines, ['the event stream does not answer', 'the event stream answers again'])
})
