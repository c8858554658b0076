import { once } from 'node:events'
import { createServer } from 'node:net'
import { ServerStartError } from './server-process.ts'

const attempts = 5

/** Whether a server could listen on the port of the loopback interface now. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}

/** `preferred` when it is free, else any port of the loopback interface that was free a moment ago. */
export async function pickFreePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('a TCP server without a port')
  return address.port
}

/** Starts a server on a free port; another program may take the port in between, then it is tried again. */
export async function startOnFreePort<T>(start: (port: number) => Promise<T>, preferred?: number): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await pickFreePort(attempt === 1 ? preferred : undefined))
    } catch (error) {
      if (attempt === attempts || !(error instanceof ServerStartError && error.addressInUse)) throw error
    }
  }
}
