import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { ServerStartError } from './server-process.ts'

const attempts = 5

// Below what systems give to outgoing connections (Linux from 32768, others from 49152), which take ports at any moment.
const FIRST_PORT = 10_000
const END_OF_PORTS = 32_768
const MAX_TRIES = 100

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

/**
 * `preferred` when it is free, else one of the loopback interface that is free now, and likely to be so when a program
 * comes to listen on it, or to be started there again.
 */
export async function pickFreePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const port = randomInt(FIRST_PORT, END_OF_PORTS)
    if (await isFree(port)) return port
  }
  throw new Error(`no free port among ${MAX_TRIES} between ${FIRST_PORT} and ${END_OF_PORTS}`)
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
