import { randomUUID } from 'node:crypto'
import type { EventOf } from '@latchkey/contracts/events'
import { startNats } from '@latchkey/testing/stores'
import { type Test, test } from 'tap'
import { ensureEventStream, readEvents, storeEvent } from '../src/events.ts'
import { openNatsTransport } from '../src/nats-transport.ts'
import type { Transport } from '../src/transport.ts'
import { createLog } from './stand-in.ts'

function profileChanged(field: string): EventOf<'profileChanged'> {
  const userId = '019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b21'
  const occurredAt = new Date().toISOString()
  return { id: randomUUID(), version: 1, name: 'profileChanged', userId, occurredAt, payload: { fields: [field] } }
}

async function openStream(t: Test) {
  const nats = await startNats(t)
  const transport = openNatsTransport({ url: nats.url, name: 'test', log: createLog() })
  t.teardown(() => transport.close())
  await ensureEventStream(transport)
  return { nats, transport }
}

test('stored events of one name are read again from a time on, in order', async (t) => {
  const { transport } = await openStream(t)
  await storeEvent(transport, profileChanged('long ago'))
  // A time of ours has no parts of a millisecond: what was stored within this one would count as stored since.
  const since = new Date(Date.now() + 1)
  while (Date.now() < since.getTime()) await new Promise(setImmediate)
  const fields = Array.from({ length: 3000 }, (_, index) => `field-${index}`)
  for (const field of fields) await storeEvent(transport, profileChanged(field))
  const read: (string | undefined)[] = []
  await readEvents(transport, { name: 'profileChanged', since }, ({ payload }) => read.push(payload.fields[0]))
  t.same(read, fields)
  await readEvents(transport, { name: 'emailVerified', since }, () => t.fail('there is none'))
})

test('where there is no stream there is nothing to read', async (t) => {
  const { url } = await startNats(t)
  const transport = openNatsTransport({ url, name: 'test', log: createLog() })
  t.teardown(() => transport.close())
  await transport.flush(5000)
  await readEvents(transport, { name: 'profileChanged', since: new Date(0) }, () => t.fail('there is none'))
})

test('events that cannot be read to their end are an error', async (t) => {
  const { transport, nats } = await openStream(t)
  await storeEvent(transport, profileChanged('one'))
  nats.pause()
  // It still works on what has reached it.
  while (await answers(transport));
  await t.rejects(readEvents(transport, { name: 'profileChanged', since: new Date(0) }, () => undefined))
  nats.resume()
})

async function answers(transport: Transport): Promise<boolean> {
  return await transport.flush(100).then(
    () => true,
    () => false
  )
}
