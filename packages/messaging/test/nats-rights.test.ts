import { activityContract } from '@latchkey/contracts/activity'
import { sessionContract } from '@latchkey/contracts/session'
import { startGuardedNats, withUser } from '@latchkey/testing/guarded-stores'
import type { TestScope } from '@latchkey/testing/stores'
import { test } from 'tap'
import { createClient } from '../src/client.ts'
import { ensureEventStream, storeEvent } from '../src/events.ts'
import { listen } from '../src/listen.ts'
import { openNatsTransport } from '../src/nats-transport.ts'
import { serve } from '../src/server.ts'
import { NoResponders, type Transport } from '../src/transport.ts'

const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const userId = '019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b21'

async function connect(t: TestScope, url: string, name: string): Promise<Transport> {
  const transport = openNatsTransport({ url: withUser(url, name), name, log })
  t.teardown(() => transport.close())
  const { promise, resolve } = Promise.withResolvers<void>()
  transport.onState((state) => state === 'connected' && resolve())
  if (transport.state !== 'connected') await promise
  return transport
}

test('a service asks another with the rights of both, and is answered', async (t) => {
  const { url } = await startGuardedNats(t)
  const [session, activity] = await Promise.all([connect(t, url, 'session'), connect(t, url, 'activity')])
  const reply = { lastActiveAt: null, activeUntil: null, activeForMs: null, windowMs: null }
  const { admit } = activityContract
  serve({ admit }, { admit: async () => ({ ok: true, value: reply }) }, { transport: activity, queue: 'activity', log })
  await activity.flush(5000)
  const client = createClient({ admit }, session, log)
  const answer = await client.admit({ userId, purpose: 'request' }, { requestId: 'r', timeoutMs: 5000 })
  t.same(answer, { ok: true, value: reply })
})

test('an event goes from one service through the stream to the one that follows it', async (t) => {
  const { url } = await startGuardedNats(t)
  const [auth, activity] = await Promise.all([connect(t, url, 'auth'), connect(t, url, 'activity')])
  await ensureEventStream(auth)
  await ensureEventStream(activity)
  const { promise, resolve } = Promise.withResolvers<string>()
  const listening = listen(
    { passwordChanged: async ({ id }) => resolve(id) },
    { transport: activity, durable: 'activity-timeline', log }
  )
  const occurredAt = new Date().toISOString()
  await storeEvent(auth, { id: 'event-0001', version: 1, name: 'passwordChanged', userId, occurredAt, payload: {} })
  t.equal(await promise, 'event-0001')
  await listening.drain()
})

test('a request that is not among the rights is not delivered', async (t) => {
  const { url } = await startGuardedNats(t)
  const [session, gateway] = await Promise.all([connect(t, url, 'session'), connect(t, url, 'gateway')])
  let asked = 0
  session.serve(sessionContract.open.subject, 'session', async (message) => {
    asked += 1
    return message
  })
  await session.flush(5000)
  const message = { data: new Uint8Array(), headers: {} }
  await t.rejects(gateway.request(sessionContract.open.subject, message, 5000), NoResponders)
  t.equal(asked, 0)
})
