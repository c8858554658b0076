import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import type { TestScope } from './stores.ts'

export interface Received {
  readonly headers: Record<string, string>
  readonly body: string
}

export const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`

/** An HTTP server that answers as it is told (200 at first), and keeps what it was sent. */
export async function startReceiver(t: TestScope) {
  const received: Received[] = []
  const state: { answer: (response: ServerResponse, request: Received) => void } = {
    answer: (response) => response.end()
  }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const entries = Object.entries(request.headers).map(([name, value]) => [name, String(value)])
    const message = { headers: Object.fromEntries(entries), body: Buffer.concat(chunks).toString() }
    received.push(message)
    state.answer(response, message)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(async () => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { received, state, port, url: `http://127.0.0.1:${port}/hook` }
}

/** The event of a message whose signature the reference implementation accepts; it throws otherwise. */
export function verify({ body, headers }: Received, secret: string): { readonly id: string; readonly name: string } {
  return new Webhook(secret).verify(body, headers) as { id: string; name: string }
}
