import { test } from 'tap'
import { eraseEvent, storeEvent } from '../src/events.ts'
import { type EventOutcome, listen } from '../src/listen.ts'
import { collect, openStream, profileChanged, storeNewer, userId } from './event-stream.ts'

test('an event stored twice is delivered once', async (t) => {
  const { transport, log } = await openStream(t)
  const event = profileChanged('once')
  await storeEvent(transport, event)
  await storeEvent(transport, event)
  await storeEvent(transport, profileChanged('last'))
  const { listeners, complete } = collect(2)
  const subscription = listen(listeners, { transport, durable: 'reader', log })
  t.teardown(() => subscription.drain())
  t.same(await complete, ['once', 'last'])
})

test('an erased event is in the stream no longer; another one under its number stays', async (t) => {
  const { transport, log } = await openStream(t)
  for (const field of ['first', 'second', 'third']) await storeEvent(transport, profileChanged(field))
  await eraseEvent(transport, { sequence: 1, userId })
  await eraseEvent(transport, { sequence: 1, userId })
  await eraseEvent(transport, { sequence: 2, userId: '019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b22' })
  await eraseEvent(transport, { sequence: 99, userId })
  const { listeners, complete } = collect(2)
  const subscription = listen(listeners, { transport, durable: 'reader', log })
  t.teardown(() => subscription.drain())
  t.same(await complete, ['second', 'third'])
})

test('erasing says when it cannot', async (t) => {
  const { nats, transport } = await openStream(t)
  await nats.kill()
  await t.rejects(eraseEvent(transport, { sequence: 1, userId }))
})

test('an event that only a newer version can read is erased like any other', async (t) => {
  const { transport, log } = await openStream(t)
  await storeNewer(transport, { version: 2 })
  await eraseEvent(transport, { sequence: 1, userId })
  await storeEvent(transport, profileChanged('next'))
  const { listeners, complete } = collect(1)
  const outcomes: EventOutcome[] = []
  const observe = (_durable: string, outcome: EventOutcome) => void outcomes.push(outcome)
  const subscription = listen(listeners, { transport, durable: 'reader', log, observe })
  t.same(await complete, ['next'])
  await subscription.drain()
  t.same(outcomes, ['taken'])
})
