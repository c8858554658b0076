import { randomUUID } from 'node:crypto'
import { storeEvent } from '@latchkey/messaging/events'
import { newSecret, startReceiver, verify } from '@latchkey/testing/webhook-receiver'
import { type Test, test } from 'tap'
import { createEvent, createUserId, openScenario, until } from '../scenario.ts'

type Receiver = Awaited<ReturnType<typeof startReceiver>>

/** The service with these endpoints, once each has its consumer: what happens from then on is sent. */
async function openWebhooks(
  t: Test,
  endpoints: Readonly<Record<string, { receiver: Receiver; events?: string[] }>>,
  environment: Readonly<Record<string, string>> = {}
) {
  const secret = newSecret()
  const listed = Object.entries(endpoints).map(([name, { receiver, ...rest }]) => ({
    name,
    url: receiver.url,
    secrets: [secret],
    ...rest
  }))
  const folder = t.testdir({ 'webhooks.json': JSON.stringify({ endpoints: listed }) })
  const variables = { WEBHOOKS_FILE: `${folder}/webhooks.json`, WEBHOOK_RETRY_DELAY: '0.05', WEBHOOK_TIMEOUT: '1' }
  const scenario = await openScenario(t, { ...variables, ...environment })
  const readMetric = async (name: string, labels: string) => {
    const { payload } = await scenario.app.inject('/metrics')
    const line = payload.split('\n').find((one) => one.startsWith(`${name}{`) && one.includes(labels))
    return line === undefined ? undefined : Number(line.split(' ').at(-1))
  }
  const lagOf = (name: string) => readMetric('latchkey_webhook_lag_events', `endpoint="${name}",state="waiting"`)
  for (const name of Object.keys(endpoints)) await until(async () => (await lagOf(name)) === 0)
  const happen = async (id: string = randomUUID()) => {
    await storeEvent(scenario.transport, createEvent('emailVerified', createUserId(), {}, { id }))
    return id
  }
  return { ...scenario, secret, readMetric, happen }
}

test('each endpoint gets the events it wants, signed, and those of a newer version as they are', async (t) => {
  const [all, some] = [await startReceiver(t), await startReceiver(t)]
  const { happen, transport, secret } = await openWebhooks(t, {
    all: { receiver: all },
    some: { receiver: some, events: ['passwordChanged'] }
  })
  const verified = await happen()
  const changed = createEvent('passwordChanged', createUserId(), {})
  await storeEvent(transport, changed)
  const newer = { ...changed, id: randomUUID(), name: 'passkeyAdded', version: 2, payload: ['of another shape'] }
  await storeEvent(transport, newer)
  await until(() => all.received.length === 3 && some.received.length === 1)
  const events = all.received.map((message) => verify(message, secret))
  t.same(new Set(events.map(({ id }) => id)), new Set([verified, changed.id, newer.id]))
  t.same(
    events.find(({ id }) => id === newer.id),
    newer
  )
  t.same(
    some.received.map((message) => verify(message, secret).id),
    [changed.id]
  )
})

test('a refused event comes again, and an endpoint that is down or slow holds up no other', async (t) => {
  const [failing, slow, sound] = [await startReceiver(t), await startReceiver(t), await startReceiver(t)]
  failing.state.answer = (response) => response.writeHead(500).end()
  slow.state.answer = () => undefined
  const endpoints = { failing: { receiver: failing }, slow: { receiver: slow }, sound: { receiver: sound } }
  const { happen, readMetric, secret } = await openWebhooks(t, endpoints)
  const ids = await Promise.all(Array.from({ length: 40 }, () => happen()))
  await until(() => sound.received.length === 40)
  await until(() => failing.received.length > 40)
  t.ok(slow.received.length <= 8, 'a slow one has no more under way than it may')
  failing.state.answer = (response) => response.end()
  await until(
    async () => (await readMetric('latchkey_webhook_lag_events', 'endpoint="failing",state="unsettled"')) === 0
  )
  t.same(new Set(failing.received.map((message) => verify(message, secret).id)), new Set(ids))
  t.equal(await readMetric('latchkey_webhook_deliveries_total', 'endpoint="failing",outcome="delivered"'), 40)
  t.ok(Number(await readMetric('latchkey_webhook_deliveries_total', 'endpoint="failing",outcome="failed"')) >= 1)
})

test('after its last attempt an event is kept as a dead letter, which names nobody', async (t) => {
  const receiver = await startReceiver(t)
  receiver.state.answer = (response) => response.writeHead(410).end()
  const { happen, readMetric, redis } = await openWebhooks(t, { crm: { receiver } }, { WEBHOOK_ATTEMPTS: '3' })
  const id = await happen()
  await until(async () => (await readMetric('latchkey_webhook_dead_letters', 'endpoint="crm"')) === 1)
  t.equal(receiver.received.length, 3)
  const [letter = ''] = await redis.zrange('lk:a:{webhooks}:dead:crm', '0', '-1')
  t.match(JSON.parse(letter), { sequence: 1, eventId: id, name: 'emailVerified', attempts: 3, reason: 'status 410' })
  t.equal(letter.includes('userId'), false)
  await until(async () => (await readMetric('latchkey_webhook_lag_events', 'endpoint="crm",state="unsettled"')) === 0)
})

test('while Redis cannot keep a dead letter the event goes on being sent', async (t) => {
  const receiver = await startReceiver(t)
  receiver.state.answer = (response) => response.writeHead(500).end()
  const { happen, server, redis } = await openWebhooks(t, { crm: { receiver } }, { WEBHOOK_ATTEMPTS: '1' })
  server.pause()
  await happen()
  await until(() => receiver.received.length >= 2)
  server.resume()
  await until(async () => (await redis.zcard('lk:a:{webhooks}:dead:crm')) === 1)
  t.pass('kept')
})

test('a service that ends waits for an answer that is under way', async (t) => {
  const receiver = await startReceiver(t)
  const asked = Promise.withResolvers<() => void>()
  receiver.state.answer = (response) => asked.resolve(() => response.end())
  const { happen, app } = await openWebhooks(t, { crm: { receiver } })
  await happen()
  const answer = await asked.promise
  const closed = app.close()
  answer()
  await closed
  t.equal(receiver.received.length, 1)
})
