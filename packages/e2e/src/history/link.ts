import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { type Conditions, createConditions } from './conditions.ts'
import { Pipe } from './pipe.ts'
import type { Random } from './random.ts'

export interface LinkOptions {
  readonly name: string
  /** Port on loopback that it leads to. */
  readonly target: number
  readonly isNats: boolean
  readonly random: Random
}

interface Connection {
  readonly client: Socket
  readonly server: Socket
  readonly pipes: readonly Pipe[]
  /** The server's side is gone and the client has not been told. */
  isHalfOpen: boolean
}

/** The one way from a process to a store: a TCP proxy on loopback that can do what networks do. */
export class Link {
  readonly name: string
  readonly conditions: Conditions = createConditions()
  readonly #options: LinkOptions
  readonly #server: Server
  readonly #connections = new Set<Connection>()
  #port = 0

  constructor(options: LinkOptions) {
    this.name = options.name
    this.#options = options
    this.#server = createServer((client) => this.#accept(client))
  }

  get port(): number {
    return this.#port
  }

  async open(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const address = this.#server.address()
    if (address !== null && typeof address !== 'string') this.#port = address.port
  }

  /** Cuts all connections, with a reset. */
  cut(): void {
    for (const { client, server } of this.#connections) {
      reset(client)
      reset(server)
    }
  }

  /** Ends the store's side of all connections; the process keeps talking to nobody. */
  halfClose(): void {
    for (const connection of this.#connections) {
      connection.isHalfOpen = true
      connection.server.destroy()
    }
  }

  /** What was held goes on. */
  release(): void {
    for (const { pipes } of this.#connections) for (const pipe of pipes) pipe.release()
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.cut()
    await closed
  }

  #accept(client: Socket): void {
    client.on('error', () => undefined)
    if (this.conditions.refuses) {
      reset(client)
      return
    }
    const server = connect({ port: this.#options.target, host: '127.0.0.1', noDelay: true })
    server.on('error', () => undefined)
    client.setNoDelay(true)
    const connection: Connection = { client, server, pipes: this.#join(client, server), isHalfOpen: false }
    this.#connections.add(connection)
    client.once('close', () => {
      this.#connections.delete(connection)
      server.destroy()
    })
    server.once('close', () => {
      if (!connection.isHalfOpen) client.destroy()
    })
  }

  #join(client: Socket, server: Socket): readonly Pipe[] {
    const { random, isNats } = this.#options
    let carried = 0
    const allow = (byteCount: number) => {
      const limit = this.conditions.cutsAfterBytes
      if (limit === undefined) return byteCount
      carried += byteCount
      if (carried < limit) return byteCount
      setImmediate(() => {
        reset(client)
        reset(server)
      })
      return Math.max(0, byteCount - (carried - limit))
    }
    const { up, down } = this.conditions
    return [
      new Pipe({ from: client, to: server, way: up, random, isNats, allow }),
      new Pipe({ from: server, to: client, way: down, random, isNats, allow })
    ]
  }
}

/** One that is being shut down cannot be reset any more, nor one that is not there yet: both would stay open for ever. */
function reset(socket: Socket): void {
  if (socket.writableEnded || socket.connecting) socket.destroy()
  else socket.resetAndDestroy()
}
