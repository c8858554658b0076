import { DebugEvents, Events, type NatsConnection } from 'nats'
import { dial, type NatsServer, partingWord } from './nats-connection.ts'
import { NoResponders, type TransportState } from './transport.ts'
import { WaitingRoom } from './waiting-room.ts'

export interface KeptConnectionOptions extends NatsServer {
  /** Told of what the connection meets, in words; never of credentials. */
  readonly log: { warn(fields: object, text: string): void; info(fields: object, text: string): void }
}

/** A connection that is kept until it is closed: dialled without limit, and again each time it is lost. */
export class KeptConnection {
  /** The first connection, once a server has answered; rejects when it is closed before. */
  readonly opened: Promise<NatsConnection>
  readonly #log: KeptConnectionOptions['log']
  readonly #closing = new AbortController()
  readonly #listeners = new Set<(state: TransportState) => void>()
  readonly #waiting = new WaitingRoom()
  readonly #refused: (subject: string, err: Error) => void
  readonly #reported = new Set<string>()
  #state: TransportState = 'disconnected'
  #connection: NatsConnection | undefined

  /** `refused` is told of each subscription that the server refuses, or ends, by its subject. */
  constructor(options: KeptConnectionOptions, refused: (subject: string, err: Error) => void) {
    this.#log = options.log
    this.#refused = refused
    const failed = (err: unknown) => this.#log.warn({ err }, 'no connection to NATS')
    this.opened = dial(options, this.#closing.signal, failed)
    this.opened.then(
      (connection) => this.#begin(connection),
      () => this.#enter('closed')
    )
  }

  get state(): TransportState {
    return this.#state
  }

  /** What the server last said of itself; `undefined` before the first connection. */
  get server(): NatsConnection['info'] {
    return this.#connection?.info
  }

  /** The connection while it is up; throws `NoResponders` while it is not. */
  get up(): NatsConnection {
    if (this.#state !== 'connected' || this.#connection === undefined) throw new NoResponders('not connected')
    return this.#connection
  }

  /** The connection, once it is up; throws `NoResponders` when it is not within `longestMs`. */
  async waitUntilUp(longestMs: number): Promise<NatsConnection> {
    if (this.#state === 'disconnected') await this.#waiting.wait(longestMs)
    return this.up
  }

  onState(listen: (state: TransportState) => void): void {
    this.#listeners.add(listen)
  }

  /** For good. A server that hangs is left without a word. */
  async close(): Promise<void> {
    this.#closing.abort()
    const connection = await this.opened.catch(() => undefined)
    if (this.#state === 'connected') await partingWord(connection?.flush())
    await connection?.close()
  }

  #begin(connection: NatsConnection): void {
    this.#connection = connection
    this.#enter('connected')
    void this.#watch(connection)
    void connection.closed().then((err) => {
      if (err !== undefined) this.#log.warn({ err }, 'connection to NATS is closed for good')
      this.#enter('closed')
    })
  }

  async #watch(connection: NatsConnection): Promise<void> {
    for await (const { type, data, permissionContext } of connection.status()) {
      if (type === Events.Disconnect || type === DebugEvents.StaleConnection) this.#enter('disconnected')
      if (type === Events.Reconnect) this.#enter('connected')
      if (type !== Events.Error) continue
      const { operation, subject = '' } = permissionContext ?? {}
      if (operation === 'subscription') this.#refused(subject, new Error(String(data)))
      else this.#report(String(data), subject)
    }
  }

  /** Each fault once for a connection: one that stays is met at every attempt to connect, and with every message. */
  #report(detail: string, subject: string): void {
    const fault = `${detail} ${subject}`
    if (this.#reported.has(fault)) return
    this.#reported.add(fault)
    this.#log.warn({ detail, subject }, 'NATS reports an error')
  }

  #enter(state: TransportState): void {
    if (this.#state === state || this.#state === 'closed') return
    this.#state = state
    if (!this.#closing.signal.aborted) this.#log.info({ state }, 'connection to NATS')
    for (const listen of this.#listeners) listen(state)
    if (state !== 'connected') return
    this.#reported.clear()
    this.#waiting.wake()
  }
}
