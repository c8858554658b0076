import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { LaunchError } from '../launch-error.ts'
import { commandLine } from '../settings.ts'

const loopbacks = ['127.0.0.1', '::1']

async function isAnswered(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port, timeout: 1_000 })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** A machine without IPv6 has no `::1`; that is not a port in use. */
async function isTaken(host: string, port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, host)
    await once(server, 'listening')
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code !== 'EADDRNOTAVAIL' && error.code !== 'EAFNOSUPPORT'
  } finally {
    server.close()
  }
}

/** Throws one line when another program has the port, on either loopback address. */
export async function ensureGatewayPort(port: number): Promise<void> {
  for (const host of loopbacks) {
    if (!((await isAnswered(host, port)) || (await isTaken(host, port)))) continue
    const cure = `GATEWAY_PORT=${port === 65_535 ? 3000 : port + 1} ${commandLine} dev`
    throw new LaunchError(`port ${port} is taken by another program or not ours to use; choose another: ${cure}`)
  }
}
