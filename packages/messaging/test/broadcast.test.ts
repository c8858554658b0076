import { startNats } from '@latchkey/testing/stores'
import { type Test, test } from 'tap'
import Type from 'typebox'
import { createBroadcaster, hear } from '../src/broadcast.ts'
import { openNatsTransport } from '../src/nats-transport.ts'
import { NoResponders } from '../src/transport.ts'
import { createLog } from './stand-in.ts'

const rang = { subject: 'door.rang', payload: Type.Object({ times: Type.Integer() }) } as const

async function connect(t: Test, url: string) {
  const log = createLog()
  const transport = openNatsTransport({ url, name: 'test', log })
  t.teardown(() => transport.close())
  await transport.flush(5000)
  return { log, transport }
}

/** Collects what is heard, and resolves once `count` have come. */
async function listen({ transport, log }: Awaited<ReturnType<typeof connect>>, count: number) {
  const heard: number[] = []
  const complete = Promise.withResolvers<number[]>()
  hear(rang, ({ times }) => void (heard.push(times) === count && complete.resolve(heard)), { transport, log })
  await transport.flush(5000)
  return complete.promise
}

test('everybody who listens hears each message, in order', async (t) => {
  const { url } = await startNats(t)
  const sender = await connect(t, url)
  const listeners = [await connect(t, url), await connect(t, url), sender]
  const heard = await Promise.all(listeners.map(async (each) => ({ complete: listen(each, 3) })))
  await Promise.all(listeners.map(({ transport }) => transport.flush(5000)))
  const ring = createBroadcaster(rang, sender.transport)
  for (const times of [1, 2, 3]) ring({ times })
  for (const { complete } of heard) t.same(await complete, [1, 2, 3])
})

test('a message that breaks its schema is told to the log and to nobody else', async (t) => {
  const { url } = await startNats(t)
  const parts = await connect(t, url)
  const complete = listen(parts, 1)
  await parts.transport.flush(5000)
  for (const text of ['{"times":"twice"}', '{', '']) {
    parts.transport.publish('door.rang', { data: new TextEncoder().encode(text), headers: {} })
  }
  createBroadcaster(rang, parts.transport)({ times: 7 })
  t.same(await complete, [7])
  t.equal(parts.log.lines.filter(({ text }) => text.startsWith('message is not readable')).length, 3)
})

test('without a connection nothing is sent, and the sender learns it', async (t) => {
  const nats = await startNats(t)
  const { transport } = await connect(t, nats.url)
  const lost = new Promise<void>((resolve) => transport.onState((state) => state === 'disconnected' && resolve()))
  await nats.kill()
  await lost
  t.throws(() => createBroadcaster(rang, transport)({ times: 1 }), NoResponders)
})
