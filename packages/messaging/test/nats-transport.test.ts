import { setTimeout as pause } from 'node:timers/promises'
import { ok } from '@latchkey/contracts/errors'
import { startNats } from '@latchkey/testing/stores'
import { test } from 'tap'
import { createClient } from '../src/client.ts'
import { openNatsTransport } from '../src/nats-transport.ts'
import { serve } from '../src/server.ts'
import { NoResponders, type Transport, type TransportState } from '../src/transport.ts'
import { createLog, doorContract } from './stand-in.ts'

/** See `nats-connection.ts`, and the server's `authorization.timeout`. */
const DIAL_TIMEOUT_MS = 2000
const SERVER_PATIENCE_MS = 2000

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

test('a server that hung for long is spoken to over one connection when it wakes, and answers every call', async (t) => {
  // One that wants to know who speaks ends connections that say nothing.
  const nats = await startNats(t, { args: ['--user', 'door', '--pass', 'key'] })
  const log = createLog()
  const transport = openNatsTransport({ url: nats.url.replace('//', '//door:key@'), name: 'test', log })
  t.teardown(() => transport.close())
  const client = createClient(doorContract, transport, log)
  let handled = 0
  const lock = async () => {
    handled += 1
    return ok({})
  }
  serve(doorContract, { ...handlers, lock }, { transport, queue: 'door', log })
  let connections = 0
  transport.onState((state) => {
    if (state === 'connected') connections += 1
  })
  await stateReached(transport, 'connected')
  nats.pause()
  await stateReached(transport, 'disconnected')
  // Longer than one dial waits for an answer.
  await pause(DIAL_TIMEOUT_MS + 500)
  nats.resume()
  await stateReached(transport, 'connected')
  const before = connections
  // Longer than the server waits for the first word of a connection.
  await pause(SERVER_PATIENCE_MS + 1000)
  const call = { requestId: 'r', timeoutMs: 2000 }
  for (let count = 0; count < 20; count += 1) t.same(await client.lock({}, call), ok({}))
  t.equal(handled, 20)
  t.equal(connections, before, 'nothing has ended meanwhile')
})

test('one that hangs does not hold up the end', async (t) => {
  const nats = await startNats(t)
  const transport = openNatsTransport({ url: nats.url, name: 'test', log: createLog() })
  const served = serve(doorContract, handlers, { transport, queue: 'door', log: createLog() })
  await transport.flush(5000)
  nats.pause()
  t.teardown(() => nats.resume())
  await served.drain()
  await transport.close()
  t.equal(transport.state, 'closed')
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
