import type { PlatformEvent } from '@latchkey/contracts/events'
import { decode } from '@latchkey/messaging/codec'
import { EVENT_STREAM } from '@latchkey/messaging/events'
import { startNats, startRedis, type TestScope } from '@latchkey/testing/stores'
import { Redis } from 'ioredis'
import { test } from 'tap'
import { createRedisOutboxRelay } from '../src/redis-outbox.ts'
import {
  collectStoredIds,
  createEvents,
  createMemoryLog,
  deleteEventStream,
  openTransport,
  readStream,
  until
} from './scenario.ts'

const keyOf = (shard: string) => `lk:t:{${shard}}:outbox`
const ids = (events: readonly PlatformEvent[]) => events.map(({ id }) => id)

async function openScenario(t: TestScope) {
  const [nats, server] = await Promise.all([startNats(t), startRedis(t)])
  const redis = new Redis(server.url, { commandTimeout: 250, enableOfflineQueue: false, maxRetriesPerRequest: 0 })
  redis.on('error', () => {})
  t.teardown(() => redis.disconnect())
  const transport = openTransport(t, nats)
  const log = createMemoryLog()
  await until(() => redis.status === 'ready' && transport.state === 'connected')

  const append = async (shard: string, events: readonly PlatformEvent[]) => {
    for (const event of events) await redis.xadd(keyOf(shard), '*', 'event', JSON.stringify(event))
  }
  const startRelay = () => {
    const relay = createRedisOutboxRelay({ redis, keyOf, transport, log })
    t.teardown(() => relay.stop())
    return relay
  }
  return { nats, server, redis, transport, log, append, startRelay, stored: collectStoredIds(t, transport) }
}

test('events leave a shard in the order they were written, and the shard is empty then', async (t) => {
  const { append, startRelay, stored, redis } = await openScenario(t)
  const events = createEvents(250)
  const relay = startRelay()
  for (const event of events) {
    await append('7f', [event])
    relay.nudge('7f')
  }
  await until(() => stored.length >= events.length)
  t.same(stored, ids(events))
  await until(async () => (await redis.xlen(keyOf('7f'))) === 0)
})

test('what a crash left behind in any shard is found without a nudge', async (t) => {
  const { append, startRelay, stored } = await openScenario(t)
  const shards = ['00', '1f', '9a', 'ff']
  const events = createEvents(shards.length)
  await Promise.all(shards.map((shard, index) => append(shard, events.slice(index, index + 1))))
  startRelay()
  await until(() => stored.length >= shards.length)
  t.same(stored.toSorted(), ids(events))
})

test('events wait while NATS is down and leave in order when it is back', async (t) => {
  const { append, startRelay, stored, nats, transport, log, redis } = await openScenario(t)
  const events = createEvents(60)
  const relay = startRelay()
  await append('7f', events.slice(0, 20))
  relay.nudge('7f')
  await until(() => stored.length > 0)
  await nats.kill()
  await append('7f', events.slice(20))
  relay.nudge('7f')
  await until(() => log.lines.some(({ level }) => level === 'warn'))
  t.not(await redis.xlen(keyOf('7f')), 0)
  await until(() => relay.backlog.events >= 40 && relay.backlog.oldestAgeMs > 0)

  await nats.restart()
  await until(async () => (await redis.xlen(keyOf('7f'))) === 0)
  t.same(await readStream(t, transport, events.length), ids(events))
  await until(() => log.lines.length >= 2)
  t.same(log.lines, [
    { level: 'warn', text: 'events wait in the outbox' },
    { level: 'info', text: 'events leave the outbox again' }
  ])
})

test('events leave when Redis is back after a restart', async (t) => {
  const { append, startRelay, stored, server, redis, log } = await openScenario(t)
  const events = createEvents(20)
  const relay = startRelay()
  await server.kill()
  await until(() => redis.status !== 'ready')
  relay.nudge('7f')
  await until(() => log.lines.length > 0)
  await server.restart()
  await until(() => redis.status === 'ready')
  await append('7f', events)
  relay.nudge('7f')
  await until(() => stored.length >= events.length)
  t.same(stored, ids(events))
})

test('an event that is relayed twice is in the stream once', async (t) => {
  const { append, startRelay, stored } = await openScenario(t)
  const [first, last] = createEvents(2)
  if (first === undefined || last === undefined) throw new Error('two events')
  await append('7f', [first, first, last])
  startRelay().nudge('7f')
  await until(() => stored.includes(last.id))
  t.same(stored, [first.id, last.id])
})

test('two relays over one store keep the order and lose nothing', async (t) => {
  const { append, startRelay, stored, redis } = await openScenario(t)
  const events = createEvents(300)
  const relays = [startRelay(), startRelay()]
  for (let start = 0; start < events.length; start += 10) {
    await append('7f', events.slice(start, start + 10))
    for (const relay of relays) relay.nudge('7f')
  }
  await until(async () => stored.length >= events.length && (await redis.xlen(keyOf('7f'))) === 0)
  t.same(stored, ids(events))
})

test('an entry that is not readable is set aside and the ones behind it go on', async (t) => {
  const { append, startRelay, stored, redis, log } = await openScenario(t)
  const events = createEvents(2)
  await append('7f', events.slice(0, 1))
  await redis.xadd(keyOf('7f'), '*', 'event', '{"name":"somethingElse"')
  await redis.xadd(keyOf('7f'), '*', 'other', 'field')
  await redis.xadd(keyOf('7f'), '*', 'event', JSON.stringify({ ...events[0], payload: 5, id: 'wrong-payload' }))
  await append('7f', events.slice(1))
  startRelay()
  await until(() => stored.length >= 2)
  t.same(stored, ids(events))
  t.equal(await redis.xlen(`${keyOf('7f')}:dead`), 3)
  t.equal(log.lines.filter(({ level }) => level === 'error').length, 3)
})

test('what a replica of a newer version has written is relayed as it is, in its turn', async (t) => {
  const { append, startRelay, stored, redis, transport } = await openScenario(t)
  const [before, after] = createEvents(2)
  if (before === undefined || after === undefined) throw new Error('two events')
  const newer = { ...before, id: 'newer-event', name: 'passkeyAdded', version: 2, payload: 'of any shape' }
  await append('7f', [before])
  await redis.xadd(keyOf('7f'), '*', 'event', JSON.stringify(newer))
  await append('7f', [after])
  startRelay()
  await until(() => stored.length >= 3)
  t.same(stored, [before.id, 'unreadable', after.id])
  const told = Promise.withResolvers<unknown>()
  const subscription = transport.consume(
    { stream: EVENT_STREAM, durable: 'newer', ackWaitMs: 30_000 },
    async (message) => {
      if (message.subject === 'event.passkey_added') told.resolve(decode(message.data))
      message.ack()
    }
  )
  t.teardown(() => subscription.drain())
  t.same(await told.promise, newer)
})

test('the event stream is made anew when it was lost', async (t) => {
  const { append, startRelay, transport, stored, redis } = await openScenario(t)
  const [before, after] = createEvents(2)
  if (before === undefined || after === undefined) throw new Error('two events')
  const relay = startRelay()
  await append('7f', [before])
  relay.nudge('7f')
  await until(() => stored.includes(before.id))
  await deleteEventStream(transport)
  await append('7f', [after])
  relay.nudge('7f')
  await until(async () => (await redis.xlen(keyOf('7f'))) === 0)
  await until(() => stored.includes(after.id))
  t.same(stored, [before.id, after.id])
})

test('stopping sends what was nudged before', async (t) => {
  const { append, startRelay, stored } = await openScenario(t)
  const events = createEvents(150)
  await append('7f', events)
  const relay = startRelay()
  relay.nudge('7f')
  await relay.stop()
  await until(() => stored.length >= events.length)
  t.same(stored, ids(events))
})

test('stopping ends in time while Redis hangs', async (t) => {
  const { append, startRelay, server } = await openScenario(t)
  await append('7f', createEvents(5))
  const relay = startRelay()
  server.pause()
  relay.nudge('7f')
  await relay.stop()
  server.resume()
  t.pass('stopped')
})

test('a shard is flushed once all that was in it is stored, however long that takes', async (t) => {
  const { append, startRelay, nats, transport } = await openScenario(t)
  const relay = startRelay()
  const [before, during] = [createEvents(30), createEvents(30)]
  await append('7f', before)
  t.ok(await relay.flush('7f', 60_000))
  t.same(await readStream(t, transport, before.length), ids(before))
  await nats.kill()
  await append('7f', during)
  const givenUp = await Promise.all(Array.from({ length: 1000 }, () => relay.flush('7f', 20)))
  t.same(new Set(givenUp), new Set([false]))
  t.equal(relay.waiting, 0, 'who has given up is forgotten')
  const flushed = relay.flush('7f', 60_000)
  await nats.restart()
  t.ok(await flushed)
  t.equal(relay.waiting, 0)
  t.same(await readStream(t, transport, 60), ids([...before, ...during]))
})
