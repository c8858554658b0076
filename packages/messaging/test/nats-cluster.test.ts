import { randomUUID } from 'node:crypto'
import type { EventOf } from '@latchkey/contracts/events'
import { startNatsCluster } from '@latchkey/testing/nats-cluster'
import { test } from 'tap'
import { EVENT_STREAM, ensureEventStream, storeEvent } from '../src/events.ts'
import { listen } from '../src/listen.ts'
import { openNatsTransport } from '../src/nats-transport.ts'
import { createLog } from './stand-in.ts'

function registered(id: string): EventOf<'emailVerified'> {
  const userId = '019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b21'
  return { id, version: 1, name: 'emailVerified', userId, occurredAt: new Date().toISOString(), payload: {} }
}

test('on a cluster the events are kept on three servers, and none is lost with any one of them', async (t) => {
  const { servers, url, countReplicas } = await startNatsCluster(t)
  const log = createLog()
  const transport = openNatsTransport({ url, name: 'test', log })
  t.teardown(() => transport.close())
  /** Without a leader nothing can be stored for a moment; a repetition does no harm. */
  const insist = async (work: () => Promise<void>): Promise<void> => {
    for (;;) {
      const isDone = await work().then(
        () => true,
        () => false
      )
      if (isDone) return
    }
  }
  await insist(() => ensureEventStream(transport))
  t.equal(await countReplicas(EVENT_STREAM), 3)

  const ids = Array.from({ length: 30 }, () => randomUUID())
  const seen = new Set<string>()
  const complete = Promise.withResolvers<void>()
  const emailVerified = async ({ id }: EventOf<'emailVerified'>) => {
    seen.add(id)
    if (seen.size === ids.length) complete.resolve()
  }
  const subscription = listen({ emailVerified }, { transport, durable: 'reader', log })
  t.teardown(() => subscription.drain())
  for (const [index, id] of ids.entries()) {
    if (index === 10) await servers[0]?.kill()
    await insist(() => storeEvent(transport, registered(id)))
  }
  await complete.promise
  t.same([...seen].toSorted(), ids.toSorted())
})
