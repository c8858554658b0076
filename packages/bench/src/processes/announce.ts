import { once } from 'node:events'
import type { Server } from 'node:http'
import { argv, stdout } from 'node:process'
import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'

/** What the process was told by whoever started it: JSON in its first argument. */
export function readTask<S extends TSchema>(schema: S): Static<S> {
  return Value.Parse(schema, JSON.parse(argv[2] ?? '{}'))
}

/** Tells whoever started this process, in one line of JSON. */
export function announce(news: object): void {
  stdout.write(`${JSON.stringify(news)}\n`)
}

/** Listens on a free port of loopback; the address is for `announce`. */
export async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port')
  return `http://127.0.0.1:${address.port}`
}
