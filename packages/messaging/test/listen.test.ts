import { randomUUID } from 'node:crypto'
import { test } from 'tap'
import { EVENT_STREAM, type StoredEvent, storeEvent } from '../src/events.ts'
import { type EventOutcome, listen } from '../src/listen.ts'
import type { StreamMessage } from '../src/transport.ts'
import { collect, openStream, profileChanged, storeNewer, userId } from './event-stream.ts'

test('events reach their listener in order, those stored before it came too', async (t) => {
  const { transport, log } = await openStream(t)
  await storeEvent(transport, profileChanged('one'))
  await storeEvent(transport, profileChanged('two'))
  const { listeners, complete } = collect(3)
  const subscription = listen(listeners, { transport, durable: 'reader', log })
  t.teardown(() => subscription.drain())
  await storeEvent(transport, profileChanged('three'))
  t.same(await complete, ['one', 'two', 'three'])
})

test('an event whose listener fails comes again', async (t) => {
  const { transport, log } = await openStream(t)
  let failures = 2
  const done = Promise.withResolvers<void>()
  const profileChanged_ = async () => {
    failures -= 1
    if (failures >= 0) throw new Error('not now')
    done.resolve()
  }
  const subscription = listen({ profileChanged: profileChanged_ }, { transport, durable: 'reader', log })
  t.teardown(() => subscription.drain())
  await storeEvent(transport, profileChanged('again'))
  await done.promise
  t.equal(log.lines.filter(({ text }) => text.startsWith('event listener failed')).length, 2)
})

test('what became of an event is told, with its age', async (t) => {
  const { transport, log } = await openStream(t)
  const told: string[] = []
  const done = Promise.withResolvers<void>()
  let failures = 1
  const listener = async () => {
    if (failures > 0) throw new Error(`failure ${failures--}`)
  }
  const observe = (durable: string, outcome: EventOutcome, ageMs: number | undefined) => {
    told.push(`${durable} ${outcome}`)
    t.equal(typeof ageMs, outcome === 'passed_over' ? 'undefined' : 'number')
    if (outcome === 'taken') done.resolve()
  }
  await transport.store('event.profile_changed', { data: new Uint8Array([123]), headers: {} }, randomUUID())
  await storeEvent(transport, profileChanged('one'))
  const subscription = listen({ profileChanged: listener }, { transport, durable: 'reader', log, observe })
  t.teardown(() => subscription.drain())
  await done.promise
  t.same(told, ['reader passed_over', 'reader failed', 'reader taken'])
})

test('unreadable events and those nobody listens to do not stop the others', async (t) => {
  const { transport, log } = await openStream(t)
  const garbage = { data: new TextEncoder().encode('{"version":9}'), headers: {} }
  await transport.store('event.profile_changed', garbage, randomUUID())
  const occurredAt = new Date().toISOString()
  await storeEvent(transport, {
    id: randomUUID(),
    version: 1,
    name: 'passwordChanged',
    userId,
    occurredAt,
    payload: {}
  })
  await storeEvent(transport, profileChanged('good'))
  const { listeners, complete } = collect(1)
  const subscription = listen(listeners, { transport, durable: 'reader', log })
  t.teardown(() => subscription.drain())
  t.same(await complete, ['good'])
})

test('a listener goes on where it stopped, also after the server was killed', async (t) => {
  const { nats, transport, log } = await openStream(t)
  const first = collect(1)
  const before = listen(first.listeners, { transport, durable: 'reader', log })
  await storeEvent(transport, profileChanged('before'))
  await first.complete
  await before.drain()

  await nats.kill()
  await nats.restart()
  const second = collect(1)
  const after = listen(second.listeners, { transport, durable: 'reader', log })
  t.teardown(() => after.drain())
  await transport.flush(5000)
  await storeEvent(transport, profileChanged('after'))
  t.same(await second.complete, ['after'])
})

test('an event that is not admitted reaches no listener, and does not come again', async (t) => {
  const { transport, log } = await openStream(t)
  const asked: StoredEvent[] = []
  const { listeners, complete } = collect(1)
  const admit = async (event: StoredEvent) => asked.push(event) > 1
  const subscription = listen(listeners, { transport, durable: 'reader', admit, log })
  t.teardown(() => subscription.drain())
  await storeEvent(transport, profileChanged('refused'))
  await storeEvent(transport, profileChanged('admitted'))
  t.same(await complete, ['admitted'])
  t.same(asked, [
    { sequence: 1, userId },
    { sequence: 2, userId }
  ])
})

test('events of a name, version or payload that is not known hold up nobody, and come again for a replica that knows them', async (t) => {
  const { transport, log } = await openStream(t)
  for (const change of [{ version: 2 }, { name: 'passkeyAdded' }, { payload: { fields: 'all' } }]) {
    await storeNewer(transport, change)
  }
  await storeEvent(transport, profileChanged('known'))
  const outcomes: EventOutcome[] = []
  const { listeners, complete } = collect(1)
  const observe = (_durable: string, outcome: EventOutcome) => void outcomes.push(outcome)
  const older = listen(listeners, { transport, durable: 'reader', log, observe })
  t.same(await complete, ['known'])
  await older.drain()
  t.same(outcomes.slice(0, 4), ['unknown', 'unknown', 'unknown', 'taken'])

  const again = Promise.withResolvers<void>()
  const sequences = new Set<number>()
  const takeAgain = async (message: StreamMessage) => {
    message.ack()
    if (sequences.add(message.sequence).size === 3) again.resolve()
  }
  const replica = transport.consume({ stream: EVENT_STREAM, durable: 'reader', ackWaitMs: 1000 }, takeAgain)
  t.teardown(() => replica.drain())
  await again.promise
  t.same([...sequences].sort(), [1, 2, 3])
})

test('an event that no replica has known ten times is passed over', async (t) => {
  const { transport, log } = await openStream(t)
  await storeNewer(transport, { version: 2 })
  const tried = Promise.withResolvers<void>()
  const giveBack = async (message: StreamMessage) => {
    message.retry(0)
    if (message.deliveries === 9) tried.resolve()
  }
  const replica = transport.consume({ stream: EVENT_STREAM, durable: 'reader', ackWaitMs: 30_000 }, giveBack)
  await tried.promise
  await replica.drain()
  const outcome = Promise.withResolvers<EventOutcome>()
  const observe = (_durable: string, told: EventOutcome) => outcome.resolve(told)
  const last = listen({}, { transport, durable: 'reader', log, observe })
  t.teardown(() => last.drain())
  t.equal(await outcome.promise, 'passed_over')
})
