import { randomUUID } from 'node:crypto'
import { READERS } from '@latchkey/contracts/services'
import { startGuardedNats, withUser } from '@latchkey/testing/guarded-stores'
// biome-ignore lint/style/noRestrictedImports: a program outside the platform knows nothing of our packages
import { connect } from 'nats'
import { type Test, test } from 'tap'
import { ensureEventStream, lendConsumer, rewindConsumer, storeEvent } from '../src/events.ts'
import { openNatsTransport } from '../src/nats-transport.ts'
import { publish, sendLines, subscribe } from './raw-client.ts'
import { createLog } from './stand-in.ts'

const [reader] = READERS
const userId = '019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b21'

async function startPlatform(t: Test) {
  const { url } = await startGuardedNats(t)
  const open = (name: string) => {
    const transport = openNatsTransport({ url: withUser(url, name), name, log: createLog() })
    t.teardown(() => transport.close())
    return transport
  }
  const [auth, activity] = [open('auth'), open('activity')]
  await ensureEventStream(activity)
  await lendConsumer(activity, reader)
  const happen = async (id: string) => {
    const occurredAt = new Date().toISOString()
    await storeEvent(auth, { id, version: 1, name: 'emailVerified', userId, occurredAt, payload: {} })
  }
  return { url, activity, happen }
}

/** As the description of the events says: with a plain client, until that many have come. */
async function follow(t: Test, url: string, count: number): Promise<string[]> {
  const { host } = new URL(url)
  const connection = await connect({
    servers: host,
    user: reader,
    pass: 'only-for-tests',
    inboxPrefix: `_INBOX.${reader}`
  })
  t.teardown(() => connection.close())
  const consumer = await connection.jetstream().consumers.get('LATCHKEY_EVENTS', reader)
  const ids: string[] = []
  for await (const message of await consumer.consume()) {
    ids.push(message.json<{ id: string }>().id)
    await message.ackAck()
    if (ids.length === count) break
  }
  return ids
}

test('a program outside the platform follows the events with a plain client, and goes on where it stopped', async (t) => {
  const { url, happen } = await startPlatform(t)
  for (const id of ['event-0001', 'event-0002']) await happen(id)
  t.same(await follow(t, url, 2), ['event-0001', 'event-0002'])
  await happen('event-0003')
  t.same(await follow(t, url, 1), ['event-0003'])
})

test('a consumer that was put back gets again what was stored since that moment', async (t) => {
  const { url, activity, happen } = await startPlatform(t)
  await happen('event-0001')
  // The server judges by its clock, to which the stored time of the first one is before this.
  const from = new Date(Date.now() + 1)
  while (Date.now() <= from.getTime()) await activity.flush(5000)
  for (const id of ['event-0002', 'event-0003']) await happen(id)
  t.same(await follow(t, url, 3), ['event-0001', 'event-0002', 'event-0003'])
  await rewindConsumer(activity, reader, from)
  t.same(await follow(t, url, 2), ['event-0002', 'event-0003'])
  await rewindConsumer(activity, reader, undefined)
  t.same(await follow(t, url, 3), ['event-0001', 'event-0002', 'event-0003'])
})

test('a program outside the platform may do nothing but read by its own consumer', async (t) => {
  const { url } = await startGuardedNats(t)
  const api = (verb: string, durable: string) => `$JS.API.CONSUMER.${verb}.LATCHKEY_EVENTS.${durable}`
  const publications = [
    ...[
      'auth.sign_in',
      'session.erase',
      'activity.erase',
      'verdict.announce',
      'verdict.announced',
      'event.user_deleted'
    ],
    ...['CREATE', 'DURABLE.CREATE', 'DELETE'].map((verb) => api(verb, reader)),
    ...['INFO', 'MSG.NEXT', 'CREATE', 'DELETE'].map((verb) => api(verb, 'activity-timeline')),
    ...['MSG.GET', 'MSG.DELETE', 'INFO', 'PURGE', 'DELETE', 'UPDATE'].map(
      (verb) => `$JS.API.STREAM.${verb}.LATCHKEY_EVENTS`
    ),
    ...['$JS.ACK.LATCHKEY_EVENTS.activity-timeline.1.1.1.1.1', '_INBOX.gateway.x', '_INBOX.activity.x']
  ]
  const refused = await sendLines(withUser(url, reader), publications.map(publish))
  t.same([...refused].sort(), publications.map((subject) => `Publish to "${subject}"`).sort())
  for (const subject of ['>', 'event.>', 'session.*', 'verdict.announced', '_INBOX.>', '_INBOX.gateway.>', '$JS.>']) {
    t.equal((await sendLines(withUser(url, reader), [subscribe(subject)])).size, 1, subject)
  }
})

test('an event that the server was made to deliver to a service is not taken for a call', async (t) => {
  const { url, activity, happen } = await startPlatform(t)
  await happen(randomUUID())
  const asked = Promise.withResolvers<string>()
  // Whoever may ask for the next event says where it is to go.
  const deliver = `PUB $JS.API.CONSUMER.MSG.NEXT.LATCHKEY_EVENTS.${reader} activity.erase 0\r\n\r\n`
  activity.serve('activity.erase', 'activity', async (message) => {
    asked.resolve(JSON.stringify(message.headers))
    return message
  })
  await activity.flush(5000)
  await sendLines(withUser(url, reader), [deliver])
  t.notMatch(await asked.promise, 'x-request-id', 'which is what a call is told by')
})
