import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { defineContract } from '@latchkey/contracts/define'
import { sessionContract } from '@latchkey/contracts/session'
import { verdictMessages } from '@latchkey/contracts/verdict'
import { createClient } from '@latchkey/messaging/client'
import { encode } from '@latchkey/messaging/codec'
import { ensureEventStream } from '@latchkey/messaging/events'
import { openNatsTransport } from '@latchkey/messaging/nats'
import { createLogger } from '@latchkey/runtime/logger'
import { withUser } from '@latchkey/testing/guarded-stores'
import { type Test, test } from 'tap'
import Type from 'typebox'
import { createApi } from '../../src/http.ts'
import { eventually, register } from '../../src/people.ts'
import { type Processes, startProcesses } from '../../src/processes.ts'

const log = createLogger({ service: 'test', level: 'silent' })
const call = () => ({ requestId: randomUUID(), timeoutMs: 5000 })

async function connect(t: Test, { nats }: Processes, user: string) {
  const transport = openNatsTransport({ url: withUser(nats.url, user), name: user, log })
  t.teardown(() => transport.close())
  await transport.flush(5000)
  return transport
}

/** As a service of that version declares it. */
function readContract(version: string, subject: string) {
  const file = new URL(`../../../contracts/snapshots/${version}.json`, import.meta.url)
  const { request, reply, errors } = JSON.parse(readFileSync(file, 'utf8')).procedures[subject]
  return defineContract({
    ask: { subject, request: Type.Unsafe<object>(request), reply: Type.Unsafe<object>(reply), errors }
  })
}

async function readMetrics(platform: Processes, service: 'gateway' | 'activity'): Promise<string> {
  return (await createApi(platform.services[service].url)('GET', '/metrics')).body
}

test('services of other versions are understood, and what is not yet known does no harm', async (t) => {
  const platform = await startProcesses(t)
  const { status, body } = await register(platform.api)
  t.equal(status, 201, body.code)
  const { user, session, accessToken: token } = body
  const list = { userId: user.id, state: 'all', limit: 10, cursor: null }
  const gateway = await connect(t, platform, 'gateway')

  const older = createClient(readContract('0.1', sessionContract.list.subject), gateway, log)
  t.match(await older.ask(list, call()), { ok: true, value: { items: [{ id: session.id }] } })

  const { request, reply } = sessionContract.list
  const newer = defineContract({
    list: {
      ...sessionContract.list,
      request: Type.Object({ ...request.properties, order: Type.Optional(Type.String()) }),
      reply: Type.Object({ ...reply.properties, total: Type.Optional(Type.Integer()) })
    }
  })
  const answer = await createClient(newer, gateway, log).list({ ...list, state: 'all', order: 'oldest' }, call())
  t.match(answer, { ok: true, value: { items: [{ id: session.id }] } })

  const operator = await connect(t, platform, 'operator')
  await ensureEventStream(operator)
  const event = { version: 1, userId: user.id, occurredAt: new Date().toISOString(), payload: {} }
  const future = [
    { ...event, id: randomUUID(), name: 'emailVerified', version: 2 },
    { ...event, id: randomUUID(), name: 'passkeyAdded' },
    { ...event, id: randomUUID(), name: 'emailVerified' }
  ]
  for (const { id, ...rest } of future) {
    await operator.store('event.email_verified', { data: encode({ id, ...rest }), headers: {} }, id)
  }
  const timeline = await eventually(
    () => platform.api('GET', '/v1/me/activity?kind=email_verified', { token }),
    (page) => page.body.items.length > 0
  )
  t.match(timeline.body.items, [{ id: future[2]?.id }], 'the event behind those of the future is there')
  for (const consumer of ['activity-timeline', 'activity-blocks']) {
    const unknown = new RegExp(
      `latchkey_event_deliveries_total\\{[^}]*consumer="${consumer}",outcome="unknown"[^}]*\\} [1-9]`
    )
    t.match(
      await eventually(
        () => readMetrics(platform, 'activity'),
        (metrics) => unknown.test(metrics)
      ),
      unknown
    )
  }

  const announcement = { incarnation: 'x', seq: 1, items: [{ kind: 'galaxy', id: '7' }], acknowledgeTo: null }
  operator.publish(verdictMessages.announced.subject, { data: encode(announcement), headers: {} })
  await operator.flush(5000)
  t.equal(
    (await platform.api('GET', '/v1/sessions/current', { token })).status,
    200,
    'whoever had a verdict asks again'
  )
  t.equal((await platform.api('DELETE', '/v1/sessions/current', { token })).status, 204)
  t.equal((await platform.api('GET', '/v1/sessions/current', { token })).status, 401)
})
