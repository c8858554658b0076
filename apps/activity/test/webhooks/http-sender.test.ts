import { newSecret, startReceiver, verify } from '@latchkey/testing/webhook-receiver'
import { type Test, test } from 'tap'
import { createHttpSender, type Resolve, type SenderOptions } from '../../src/webhooks/http-sender.ts'
import { createTargetRule } from '../../src/webhooks/targets.ts'

const message = { id: 'event-0001', body: new TextEncoder().encode('{"id":"event-0001"}') }
const secret = newSecret()
const endpointOf = (url: string) => ({ name: 'test', url, secrets: [secret], events: undefined })

/** A name server that answers each question with the next address. */
function resolveTo(...addresses: readonly string[]): Resolve & { asked: number } {
  const resolve = Object.assign(
    ((_host, _options, done) => {
      const address = addresses[Math.min(resolve.asked, addresses.length - 1)] ?? ''
      resolve.asked += 1
      queueMicrotask(() => done(null, [{ address, family: address.includes(':') ? 6 : 4 }]))
    }) satisfies Resolve as Resolve,
    { asked: 0 }
  )
  return resolve
}

function openSender(t: Test, options: Partial<SenderOptions> = {}) {
  const sender = createHttpSender({
    timeoutMs: 5000,
    allows: () => true,
    resolve: resolveTo('127.0.0.1'),
    stopped: new AbortController().signal,
    now: () => new Date(),
    ...options
  })
  t.teardown(() => sender.close())
  return sender
}

test('a message arrives as it is, signed, and a 2xx accepts it', async (t) => {
  const receiver = await startReceiver(t)
  receiver.state.answer = (response) => response.writeHead(204).end()
  t.same(await openSender(t).send(endpointOf(receiver.url), message), { kind: 'accepted' })
  const [received] = receiver.received
  if (received === undefined) throw new Error('nothing came')
  t.match(received.headers, { 'content-type': 'application/json', 'webhook-id': 'event-0001' })
  t.match(verify(received, secret), { id: 'event-0001' })
})

test('anything but a 2xx is a refusal, and a redirection is not followed', async (t) => {
  const receiver = await startReceiver(t)
  const sender = openSender(t)
  for (const status of [301, 307, 400, 404, 410, 429, 500, 503]) {
    receiver.state.answer = (response) => response.writeHead(status, { location: receiver.url }).end()
    t.same(await sender.send(endpointOf(receiver.url), message), { kind: 'refused', reason: `status ${status}` })
  }
  t.equal(receiver.received.length, 8)
})

test('who does not answer in time, or not at all, has refused', async (t) => {
  const receiver = await startReceiver(t)
  receiver.state.answer = () => undefined
  const sender = openSender(t, { timeoutMs: 100 })
  t.same(await sender.send(endpointOf(receiver.url), message), { kind: 'refused', reason: 'no answer in time' })
  receiver.state.answer = (response) => response.destroy()
  t.match(await sender.send(endpointOf(receiver.url), message), { kind: 'refused', reason: 'ECONNRESET' })
})

test('a service that ends gives up what is under way without holding it against the receiver', async (t) => {
  const receiver = await startReceiver(t)
  const stopping = new AbortController()
  receiver.state.answer = () => stopping.abort()
  const sender = openSender(t, { stopped: stopping.signal })
  t.same(await sender.send(endpointOf(receiver.url), message), { kind: 'stopped' })
})

test('an answer without end is cut', async (t) => {
  const receiver = await startReceiver(t)
  const cut = Promise.withResolvers<void>()
  receiver.state.answer = (response) => {
    response.on('close', cut.resolve)
    const pour = (): void => {
      while (!response.destroyed && response.write('x'.repeat(4096)));
      if (!response.destroyed) response.once('drain', pour)
    }
    pour()
  }
  t.same(await openSender(t).send(endpointOf(receiver.url), message), { kind: 'accepted' })
  await cut.promise
  t.pass('cut')
})

test('a name that leads to an address that is not allowed is not followed there', async (t) => {
  const receiver = await startReceiver(t)
  const allows = createTargetRule([])
  const refused = { kind: 'refused', reason: 'address not allowed' }
  for (const address of ['127.0.0.1', '::1', '10.0.0.1', '169.254.169.254']) {
    const sender = openSender(t, { allows, resolve: resolveTo(address) })
    t.same(await sender.send(endpointOf(`http://hooks.example:${receiver.port}/`), message), refused, address)
  }
  for (const host of ['127.0.0.1', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]']) {
    t.same(await openSender(t, { allows }).send(endpointOf(`http://${host}:${receiver.port}/`), message), refused, host)
  }
  t.equal(receiver.received.length, 0)
})

test('the address that was judged is the one that is connected to', async (t) => {
  const receiver = await startReceiver(t)
  // What is asked for a second time leads elsewhere.
  const resolve = resolveTo('127.0.0.1', '10.0.0.1')
  const sender = openSender(t, { allows: createTargetRule(['127.0.0.1/32']), resolve })
  t.same(await sender.send(endpointOf(`http://hooks.example:${receiver.port}/`), message), { kind: 'accepted' })
  t.equal(resolve.asked, 1)
  t.match(receiver.received[0]?.headers, { host: `hooks.example:${receiver.port}` })
})
