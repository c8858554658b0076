import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createLogger } from '@latchkey/runtime/logger'
import { type Test, test } from 'tap'
import { createServer } from '../src/server.ts'

const ANSWER_BYTES = 8 * 1024 * 1024
const LONG = 'GET /long HTTP/1.1\r\nhost: x\r\n\r\n'

async function start(t: Test): Promise<{ open: () => Socket; url: string; dropped: Promise<unknown> }> {
  const app = createServer({
    logger: createLogger({ service: 'gateway', level: 'silent' }),
    trustedProxies: [],
    timeouts: { headersMs: 200, requestMs: 400, stalledMs: 300, checkMs: 20 }
  })
  app.get('/long', async () => 'x'.repeat(ANSWER_BYTES))
  app.post('/', async () => 'read')
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => app.close())
  const dropped = once(app.server, 'connection').then(([socket]) => once(socket, 'close'))
  return { url, dropped, open: () => connect(Number(new URL(url).port), '127.0.0.1') }
}

/** Sends the beginning, then a byte now and then, until the server has hung up; resolves to what it said. */
async function drip(socket: Socket, beginning: string): Promise<string> {
  let said = ''
  socket.on('data', (chunk) => {
    said += chunk
  })
  socket.on('error', () => undefined)
  socket.write(beginning)
  const timer = setInterval(() => socket.write('x'), 30)
  await once(socket, 'close')
  clearInterval(timer)
  return said
}

test('a client that takes too long over the header of its request is told so, and hung up on', async (t) => {
  const { open } = await start(t)
  const said = await drip(open(), 'POST / HTTP/1.1\r\nhost: x\r\nx-slow: ')
  t.match(said, /^HTTP\/1\.1 408 /)
  t.match(said, '"code":"request_timeout"')
})

test('so is one that takes too long over the body', async (t) => {
  const { open } = await start(t)
  const beginning = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 10000\r\n\r\n"'
  t.match(await drip(open(), beginning), /^HTTP\/1\.1 408 /)
})

test('one that does not read its answer is hung up on, and others are answered meanwhile', async (t) => {
  const { open, url, dropped } = await start(t)
  const socket = open()
  socket.on('error', () => undefined)
  socket.pause()
  socket.write(LONG)
  await dropped
  t.equal((await (await fetch(`${url}/long`)).text()).length, ANSWER_BYTES)
})

test('so is one that goes on sending what is no request', async (t) => {
  const { open, dropped } = await start(t)
  const socket = open()
  socket.on('error', () => undefined)
  socket.pause()
  socket.write(LONG)
  const timer = setInterval(() => socket.write('x'), 30)
  t.teardown(() => clearInterval(timer))
  await dropped
  t.pass('though its bytes never stopped')
})
