import { ok } from '@latchkey/contracts/errors'
import { startNats } from '@latchkey/testing/stores'
import { test } from 'tap'
import { createClient } from '../src/client.ts'
import { openNatsTransport } from '../src/nats-transport.ts'
import { serve } from '../src/server.ts'
import { NoResponders, type Transport, type TransportState } from '../src/transport.ts'
import { createLog, doorContract } from './stand-in.ts'

function stateReached(transport: Transport, wanted: TransportState): Promise<void> {
  if (transport.state === wanted) return Promise.resolve()
  return new Promise((resolve) => transport.onState((state) => state === wanted && resolve()))
}

const handlers = { unlock: async () => ok({ opened: true }), lock: async () => ok({}) }

test('a killed server costs fast refusals, and calls work again when it is back', async (t) => {
  const nats = await startNats(t)
  const log = createLog()
  const transport = openNatsTransport({ url: nats.url, name: 'test', log })
  t.teardown(() => transport.close())
  const client = createClient(doorContract, transport, log)
  serve(doorContract, handlers, { transport, queue: 'door', log })
  const call = { requestId: 'r', timeoutMs: 2000 }
  t.same(await client.lock({}, call), ok({}))

  await nats.kill()
  await stateReached(transport, 'disconnected')
  t.match(await client.lock({}, call), { code: 'unavailable' })
  t.throws(() => transport.publish('door.slammed', { data: new Uint8Array(), headers: {} }), NoResponders)

  await nats.restart()
  await stateReached(transport, 'connected')
  t.same(await client.lock({}, call), ok({}))
})

test('a server that hangs is noticed by unanswered pings', async (t) => {
  const nats = await startNats(t)
  const transport = openNatsTransport({ url: nats.url, name: 'test', log: createLog() })
  t.teardown(() => transport.close())
  await transport.flush(5000)
  nats.pause()
  await stateReached(transport, 'disconnected')
  nats.resume()
  await stateReached(transport, 'connected')
  await transport.flush(1000)
})

test('a transport opened before its server is there connects when it comes', async (t) => {
  const nats = await startNats(t)
  await nats.kill()
  const transport = openNatsTransport({ url: nats.url, name: 'test', log: createLog() })
  t.teardown(() => transport.close())
  t.equal(transport.state, 'disconnected')
  await t.rejects(transport.request('door.lock', { data: new Uint8Array(), headers: {} }, 100), NoResponders)
  await nats.restart()
  await stateReached(transport, 'connected')
  await transport.flush(1000)
})

test('closing before a server was ever there ends at once', async (t) => {
  const nats = await startNats(t)
  await nats.kill()
  const transport = openNatsTransport({ url: nats.url, name: 'test', log: createLog() })
  await transport.close()
  t.equal(transport.state, 'closed')
})
