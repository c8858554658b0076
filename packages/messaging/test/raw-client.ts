import { once } from 'node:events'
import { connect } from 'node:net'

/**
 * Speaks to a NATS server without a client library, which would keep some things from being sent. Resolves to the
 * operations that the server refused, as it names them: `Publish to "x"`, `Subscription to "x"`.
 */
export async function sendLines(url: string, lines: readonly string[]): Promise<Set<string>> {
  const { hostname, port, username, password } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  socket.setEncoding('utf8')
  const options = { user: username, pass: password, verbose: false, pedantic: false, headers: true, protocol: 1 }
  socket.write(`CONNECT ${JSON.stringify(options)}\r\n${lines.join('')}PING\r\n`)
  let text = ''
  try {
    while (!text.includes('PONG\r\n')) {
      const [chunk] = await once(socket, 'data', { signal: AbortSignal.timeout(10_000) })
      text += String(chunk)
      if (text.includes('Authorization Violation')) throw new Error('not let in')
    }
  } finally {
    socket.destroy()
  }
  return new Set([...text.matchAll(/^-ERR 'Permissions Violation for ([^']*)'/gm)].map(([, refused = '']) => refused))
}

export function publish(subject: string): string {
  return `PUB ${subject} 0\r\n\r\n`
}

let sid = 0

export function subscribe(subject: string, queue = ''): string {
  sid += 1
  return `SUB ${subject} ${queue === '' ? '' : `${queue} `}${sid}\r\n`
}
