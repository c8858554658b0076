import { defineContract } from '@latchkey/contracts/define'
import { fail, ok } from '@latchkey/contracts/errors'
import { startNats } from '@latchkey/testing/stores'
import { type Test, test } from 'tap'
import Type from 'typebox'
import { createClient } from '../src/client.ts'
import { encode } from '../src/codec.ts'
import { openNatsTransport } from '../src/nats-transport.ts'
import { serve } from '../src/server.ts'
import { createLog, type DoorHandlers, doorContract } from './stand-in.ts'

const call = { requestId: 'request-1', timeoutMs: 1000 }
const openDoor: DoorHandlers = {
  unlock: async ({ key }) => (key === 'right' ? ok({ opened: true }) : fail('forbidden')),
  lock: async () => ok({})
}

async function connect(t: Test, url: string) {
  const log = createLog()
  const transport = openNatsTransport({ url, name: 'test', log })
  t.teardown(() => transport.close())
  await transport.flush(5000)
  return { log, transport, client: createClient(doorContract, transport, log) }
}

test('a call reaches its handler and brings back a reply or a listed error', async (t) => {
  const { url } = await startNats(t)
  const { transport, client, log } = await connect(t, url)
  serve(doorContract, openDoor, { transport, queue: 'door', log })

  t.same(await client.unlock({ key: 'right' }, call), ok({ opened: true }))
  t.match(await client.unlock({ key: 'wrong' }, call), { ok: false, code: 'forbidden' })
})

test('the handler knows the request id, the trace and how long the caller still waits', async (t) => {
  const { url } = await startNats(t)
  const { transport, client, log } = await connect(t, url)
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const lock: DoorHandlers['lock'] = async (_request, { requestId, traceparent: given, remainingMs }) => {
    t.equal(requestId, 'request-1')
    t.equal(given, traceparent)
    t.ok(remainingMs() > 0 && remainingMs() <= 1000)
    return ok({})
  }
  serve(doorContract, { ...openDoor, lock }, { transport, queue: 'door', log })
  t.same(await client.lock({}, { ...call, traceparent }), ok({}))
})

test('nobody listening is unavailable, and nobody answering is deadline_exceeded', async (t) => {
  const { url } = await startNats(t)
  const { transport, client, log } = await connect(t, url)
  t.match(await client.lock({}, call), { code: 'unavailable' })

  const silent = Promise.withResolvers<never>()
  serve(doorContract, { ...openDoor, lock: () => silent.promise }, { transport, queue: 'door', log })
  t.match(await client.lock({}, { ...call, timeoutMs: 50 }), { code: 'deadline_exceeded' })
})

test('of a question that too many wait for already the answer is unavailable at once', async (t) => {
  const { url } = await startNats(t)
  const { transport, client, log } = await connect(t, url)
  const opened = Promise.withResolvers<void>()
  const openWhenTold = async () => {
    await opened.promise
    return ok({})
  }
  serve(doorContract, { ...openDoor, lock: openWhenTold }, { transport, queue: 'door', log })
  await transport.flush(1000)
  const asked = Array.from({ length: 2500 }, () => client.lock({}, { ...call, timeoutMs: 10_000 }))
  const refused = await Promise.all(asked.slice(2000))
  t.ok(refused.every((result) => !result.ok && result.code === 'unavailable'))
  opened.resolve()
  t.ok((await Promise.all(asked.slice(0, 2000))).every((result) => result.ok))
  t.ok((await client.lock({}, call)).ok, 'and there is room again')
})

test('both sides tell how each call ended, the caller also of one that nobody answered', async (t) => {
  const { url } = await startNats(t)
  const { transport, log } = await connect(t, url)
  const told: unknown[][] = []
  const tell = (side: string) => (subject: string, outcome: string, durationMs: number) => {
    told.push([side, subject, outcome])
    t.ok(durationMs >= 0)
  }
  const client = createClient(doorContract, transport, log, { observe: tell('caller') })
  await client.lock({}, call)
  serve(doorContract, openDoor, { transport, queue: 'door', log, observe: tell('service') })
  await client.unlock({ key: 'right' }, call)
  await client.unlock({ key: 'wrong' }, call)
  t.same(told, [
    ['caller', 'door.lock', 'unavailable'],
    ['service', 'door.unlock', 'ok'],
    ['caller', 'door.unlock', 'ok'],
    ['service', 'door.unlock', 'forbidden'],
    ['caller', 'door.unlock', 'forbidden']
  ])
})

test('a request that breaks its schema is refused before the handler sees it', async (t) => {
  const { url } = await startNats(t)
  const { transport, client, log } = await connect(t, url)
  const unlock = () => t.fail('the handler was reached')
  serve(doorContract, { ...openDoor, unlock: unlock as never }, { transport, queue: 'door', log })

  t.match(await client.unlock({ key: 7 } as never, call), { code: 'invalid_request' })
  for (const data of [new Uint8Array([0xff, 0xfe]), new TextEncoder().encode('{"key":'), new Uint8Array()]) {
    const reply = await transport.request('door.unlock', { data, headers: { 'x-request-id': 'request-1' } }, 1000)
    t.match(new TextDecoder().decode(reply.data), 'invalid_request')
  }
})

test('a message without the header of a call is none, however well it fits', async (t) => {
  const { url } = await startNats(t)
  const { transport, log } = await connect(t, url)
  const unlock = () => t.fail('the handler was reached')
  serve(doorContract, { ...openDoor, unlock: unlock as never }, { transport, queue: 'door', log })
  const reply = await transport.request('door.unlock', { data: encode({ key: 'right' }), headers: {} }, 1000)
  t.match(new TextDecoder().decode(reply.data), 'invalid_request')
})

test('what a handler throws stays in the log of its service', async (t) => {
  const { url } = await startNats(t)
  const { transport, client, log } = await connect(t, url)
  const lock = async () => {
    throw new Error('password=hunter2 in the query')
  }
  serve(doorContract, { ...openDoor, lock }, { transport, queue: 'door', log })

  t.same(await client.lock({}, call), { ok: false, code: 'internal', details: undefined })
  const errors = log.lines.filter(({ level }) => level === 'error')
  t.match(errors, [{ text: 'handler failed', fields: { requestId: 'request-1' } }])
})

test('a reply that breaks its contract is internal to the caller and a line in its log', async (t) => {
  const { url } = await startNats(t)
  const { transport, client, log } = await connect(t, url)
  const answers: object[] = [
    { ok: { opened: 'yes' } },
    { error: { code: 'session_not_found' } },
    { error: { code: 'identifier_taken', details: { field: 7 } } },
    { error: { code: 'made_up' } },
    {},
    []
  ]
  transport.serve('door.unlock', 'door', async () => ({ data: encode(answers.shift()), headers: {} }))
  for (let left = answers.length; left > 0; left -= 1) {
    t.match(await client.unlock({ key: 'right' }, call), { ok: false, code: 'internal' })
  }
  t.equal(log.lines.filter(({ text }) => text === 'reply breaks its contract').length, 6)
})

test('replicas share the requests of one queue', async (t) => {
  const { url } = await startNats(t)
  const { client } = await connect(t, url)
  const counts = [0, 0]
  for (const replica of [0, 1]) {
    const { transport, log } = await connect(t, url)
    const lock = async () => {
      counts[replica] = (counts[replica] ?? 0) + 1
      return ok({})
    }
    serve(doorContract, { ...openDoor, lock }, { transport, queue: 'door', log })
    await transport.flush(1000)
  }
  await Promise.all(Array.from({ length: 100 }, () => client.lock({}, call)))
  t.equal((counts[0] ?? 0) + (counts[1] ?? 0), 100)
  t.ok(counts.every((count) => count > 0))
})

test('draining finishes what is under way and takes nothing new', async (t) => {
  const { url } = await startNats(t)
  const { transport, client, log } = await connect(t, url)
  const entered = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const lock = async () => {
    entered.resolve()
    await release.promise
    return ok({})
  }
  const server = serve(doorContract, { ...openDoor, lock }, { transport, queue: 'door', log })
  const underWay = client.lock({}, call)
  await entered.promise
  const drained = server.drain()
  await transport.flush(1000)
  t.match(await client.unlock({ key: 'right' }, call), { code: 'unavailable' })
  release.resolve()
  await drained
  t.same(await underWay, ok({}))
})

test('of an open list a caller passes over what only a newer version can read', async (t) => {
  const { url } = await startNats(t)
  const { transport, log } = await connect(t, url)
  const list = {
    subject: 'door.list',
    request: Type.Object({}),
    reply: Type.Object({ doors: Type.Array(Type.Object({ color: Type.Literal('red') })) }),
    errors: []
  }
  const doors = [{ color: 'red', size: 2 }, { color: 'infrared' }, 'ajar', { color: 'red' }]
  const answer = { data: encode({ ok: { doors, next: null } }), headers: {} }
  transport.serve('door.list', 'door', async () => answer)
  await transport.flush(5000)
  const open = createClient(defineContract({ list: { ...list, openList: 'doors' } }), transport, log)
  t.same(await open.list({}, call), ok({ doors: [{ color: 'red', size: 2 }, { color: 'red' }], next: null }))
  const closed = createClient(defineContract({ list }), transport, log)
  t.match(await closed.list({}, call), { code: 'internal' })
})
