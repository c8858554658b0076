import { once } from 'node:events'
import { connect } from 'node:net'
import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { startGateway } from './gateway.ts'

const nats = await startNats(t)
const { app, bearer } = await startGateway(t, { natsUrl: nats.url })
const port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port)

/** Sends bytes as they are and reads until the gateway closes, or has answered. */
async function send(...lines: readonly string[]): Promise<{ status: number; head: string; body: string }> {
  const socket = connect(port, '127.0.0.1')
  socket.setEncoding('utf8')
  let text = ''
  const answered = Promise.withResolvers<void>()
  socket.on('data', (chunk) => {
    text += chunk
    const [head = '', body] = text.split('\r\n\r\n')
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN)
    if (body !== undefined && Buffer.byteLength(body) >= length) answered.resolve()
  })
  socket.on('close', () => answered.resolve())
  socket.on('error', () => answered.resolve())
  await once(socket, 'connect')
  socket.write(lines.join('\r\n'))
  await answered.promise
  socket.destroy()
  const [head = '', body = ''] = text.split('\r\n\r\n')
  return { status: Number(head.split(' ')[1]), head: head.toLowerCase(), body }
}

/** Sends bytes as they are, and resolves to all that came until the gateway had closed the connection. */
async function sendUntilClosed(text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.setEncoding('utf8')
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk
  })
  const closed = Promise.withResolvers<void>()
  socket.on('close', () => closed.resolve())
  // Bytes that nobody reads any more may be answered with a reset.
  socket.on('error', () => undefined)
  socket.write(text)
  await closed.promise
  return answer
}

const HOST = 'Host: x'
const auth = `Authorization: ${bearer.authorization}`

const faults: Record<string, { readonly lines: readonly string[]; readonly status: number }> = {
  'no request at all': { lines: ['nonsense', '', ''], status: 400 },
  'an unknown method': { lines: ['FOO / HTTP/1.1', HOST, '', ''], status: 400 },
  'no Host': { lines: ['GET /v1/me HTTP/1.1', '', ''], status: 400 },
  'two Hosts': { lines: ['GET /v1/me HTTP/1.1', HOST, 'hOST: y', '', ''], status: 400 },
  'two Authorization headers': { lines: ['GET /v1/me HTTP/1.1', HOST, auth, auth, '', ''], status: 401 },
  'two lengths': {
    lines: ['POST /v1/sessions HTTP/1.1', HOST, 'Content-Length: 2', 'Content-Length: 3', '', '{}'],
    status: 400
  },
  'a length and an encoding': {
    lines: ['POST /v1/sessions HTTP/1.1', HOST, 'Content-Length: 2', 'Transfer-Encoding: chunked', '', '0', '', ''],
    status: 400
  },
  'a folded header': { lines: ['GET /v1/me HTTP/1.1', HOST, 'X-A: b', ' c', '', ''], status: 400 },
  'a space before the colon': { lines: ['GET /v1/me HTTP/1.1', HOST, 'X-A : b', '', ''], status: 400 },
  'headers too large': { lines: ['GET /v1/me HTTP/1.1', HOST, `X-A: ${'a'.repeat(20_000)}`, '', ''], status: 431 },
  'an address too long': { lines: [`GET /v1/${'a'.repeat(5000)} HTTP/1.1`, HOST, '', ''], status: 414 },
  'a parameter too long': { lines: [`DELETE /v1/sessions/${'a'.repeat(200)} HTTP/1.1`, HOST, '', ''], status: 414 },
  'an address that cannot be decoded': { lines: ['DELETE /v1/sessions/%zz HTTP/1.1', HOST, '', ''], status: 400 },
  'an expectation': { lines: ['GET /healthz HTTP/1.1', HOST, 'Expect: a miracle', '', ''], status: 417 },
  'a length that is too long': {
    lines: ['POST /v1/sessions HTTP/1.1', HOST, 'Content-Type: application/json', 'Content-Length: 99999', '', '{'],
    status: 413
  }
}

t.test('what the parser refuses is a problem document too', async (t) => {
  for (const [name, { lines, status }] of Object.entries(faults)) {
    const answer = await send(...lines)
    t.equal(answer.status, status, name)
    t.match(answer.head, 'content-type: application/problem+json', name)
    t.match(answer.head, /x-request-id: \S{8,}/, name)
    const problem = JSON.parse(answer.body)
    t.match(problem, { type: /^urn:latchkey:problem:/, status, code: String, requestId: String }, name)
    t.notMatch(answer.body, /aaaa|%zz|FOO|node|fastify/i, name)
  }
})

const NEXT = ['GET /healthz HTTP/1.1', HOST, '', ''].join('\r\n')
const GET = 'GET /healthz HTTP/1.1\r\n'
const POST = 'POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
const CHUNKED = 'Transfer-Encoding: chunked\r\n'

/** What two readers could take for requests that end at different places, or for different hosts. */
const ambiguous: Readonly<Record<string, string>> = {
  'a bare LF after the request line': 'GET /healthz HTTP/1.1\nHost: x\r\n\r\n',
  'a bare LF after a header': `${GET}Host: x\nX-A: b\r\n\r\n`,
  'a bare LF before the end of the headers': `${GET}Host: x\r\n\n`,
  'bare LFs alone': 'GET /healthz HTTP/1.1\nHost: x\n\n',
  'a bare CR in a header': `${GET}Host: x\r\nX-A: b\rX-C: d\r\n\r\n`,
  'a zero byte in a header': `${GET}Host: x\r\nX-A: b\0\r\n\r\n`,
  'a header folded by a space': `${GET}Host: x\r\nX-A: b\r\n c\r\n\r\n`,
  'a header folded by a tab': `${GET}Host: x\r\nX-A: b\r\n\tc\r\n\r\n`,
  'a folded first header': `${GET} X-A: b\r\nHost: x\r\n\r\n`,
  'a space before the colon of an encoding': `${POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
  'a length and an encoding': `${POST}Content-Length: 5\r\n${CHUNKED}\r\n0\r\n\r\n`,
  'an encoding and a length': `${POST}${CHUNKED}Content-Length: 5\r\n\r\n0\r\n\r\n`,
  'two lengths': `${POST}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
  'one length twice': `${POST}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}`,
  'a list of lengths': `${POST}Content-Length: 2, 2\r\n\r\n{}`,
  'a length with a sign': `${POST}Content-Length: +2\r\n\r\n{}`,
  'an unknown encoding': `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
  'an encoding that is not the last one': `${POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
  'a chunk with a bare LF': `${POST}${CHUNKED}\r\n2\n{}\r\n0\r\n\r\n`,
  'a chunk that ends too late': `${POST}${CHUNKED}\r\n2\r\n{}x\r\n0\r\n\r\n`,
  'a chunk of no size': `${POST}${CHUNKED}\r\nx\r\n{}\r\n0\r\n\r\n`,
  'two Hosts': `${GET}Host: x\r\nHost: y\r\n\r\n`,
  'the same Host twice': `${GET}Host: x\r\nHost: x\r\n\r\n`,
  'no Host': `${GET}\r\n`
}

t.test('a request that could be read in two ways is 400, and nothing after it is answered', async (t) => {
  const sent = Object.entries(ambiguous).map(async ([name, text]) => ({
    name,
    answer: await sendUntilClosed(text + NEXT)
  }))
  for (const { name, answer } of await Promise.all(sent)) {
    t.same(answer.match(/^HTTP\/1\.1 \d+/gm), ['HTTP/1.1 400'], name)
    t.match(answer, /^connection: close\r$/im, name)
  }
})

t.test('a request over several reads is answered once', async (t) => {
  const answer = await send('GET /healthz HTTP/1.1', HOST, 'Connection: close', '', '')
  t.equal(answer.status, 200)
  t.notMatch(answer.head, /server:|x-powered-by/)
})

t.test('TRACE is refused', async (t) => {
  t.ok([404, 405].includes((await send('TRACE /v1/me HTTP/1.1', HOST, '', '')).status))
})

t.test('CONNECT leads nowhere: the connection ends without a word', async (t) => {
  for (const target of ['127.0.0.1:443', 'example.com:80']) {
    t.equal(await sendUntilClosed(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n${NEXT}`), '', target)
  }
  t.equal((await send('GET /healthz HTTP/1.1', HOST, '', '')).status, 200, 'others are answered')
})
