import { DebugEvents, Events, type JetStreamClient, type Msg, type NatsConnection } from 'nats'
import {
  dial,
  flushWithin,
  fromNatsHeaders,
  inboxPrefixOf,
  type NatsServer,
  partingWord,
  requestWithin,
  toNatsHeaders
} from './nats-connection.ts'
import { readStored } from './nats-replay.ts'
import { consumeStream, countReplicas, ensureConsumer, ensureStream, eraseStored, findStored } from './nats-streams.ts'
import { Subscriptions } from './nats-subscriptions.ts'
import {
  type Message,
  NoResponders,
  type StreamSubscription,
  type Subscription,
  type Transport,
  type TransportState
} from './transport.ts'
import { WaitingRoom } from './waiting-room.ts'

export interface NatsOptions extends NatsServer {
  /** On how many servers the event stream is kept; without it on as many as `url` names, but three at most. */
  readonly replicas?: number | undefined
  /** Told of what the connection meets, in words; never of credentials. */
  readonly log: { warn(fields: object, text: string): void; info(fields: object, text: string): void }
}

/** A request that meets a lost connection waits so long for the next one: a server that restarts costs no error. */
const RECONNECT_GRACE_MS = 300

/**
 * Opens a connection that is kept for ever: it reconnects without limit, also when the server is not there yet, so
 * that services start in any order. Returns at once; `state` tells.
 */
export function openNatsTransport(options: NatsOptions): Transport {
  const closing = new AbortController()
  const failed = (err: unknown) => options.log.warn({ err }, 'no connection to NATS')
  return new NatsTransport(dial(options, closing.signal, failed), closing, options)
}

class NatsTransport implements Transport {
  state: TransportState = 'disconnected'
  readonly #opened: Promise<NatsConnection>
  readonly #options: NatsOptions
  readonly #listeners = new Set<(state: TransportState) => void>()
  readonly #waiting = new WaitingRoom()
  readonly #reported = new Set<string>()
  readonly #subscriptions: Subscriptions
  #connection: NatsConnection | undefined
  #jetstream: JetStreamClient | undefined
  readonly #closing: AbortController

  constructor(opened: Promise<NatsConnection>, closing: AbortController, options: NatsOptions) {
    this.#opened = opened
    this.#subscriptions = new Subscriptions(opened, options.log)
    this.#closing = closing
    this.#options = options
    opened.then(
      (connection) => this.#begin(connection),
      () => this.#enter('closed')
    )
  }

  get maxPayloadBytes(): number {
    return this.#connection?.info?.max_payload ?? 1024 * 1024
  }

  async request(subject: string, message: Message, timeoutMs: number): Promise<Message> {
    const startedAt = performance.now()
    const connection = await this.#connected(Math.min(RECONNECT_GRACE_MS, timeoutMs))
    const remainingMs = Math.max(1, timeoutMs - (performance.now() - startedAt))
    return await requestWithin(connection, subject, message, remainingMs)
  }

  serve(subject: string, queue: string, answer: (message: Message) => Promise<Message>): Subscription {
    const underWay = new Set<Promise<void>>()
    const respond = async (msg: Msg): Promise<void> => {
      const { data, headers } = await answer({ data: msg.data, headers: fromNatsHeaders(msg.headers) })
      msg.respond(data, { headers: toNatsHeaders(headers) })
    }
    const take = (msg: Msg): void => {
      const task = respond(msg)
        .catch((err: unknown) => this.#options.log.warn({ err, subject }, 'answer could not be sent'))
        .finally(() => underWay.delete(task))
      underWay.add(task)
    }
    const subscription = this.#subscriptions.add({ subject, queue, take })
    return {
      drain: async () => {
        await subscription.end(this.state === 'connected')
        await Promise.all(underWay)
      }
    }
  }

  publish(subject: string, message: Message): void {
    if (this.state !== 'connected' || this.#connection === undefined) throw new NoResponders(subject)
    this.#connection.publish(subject, message.data, { headers: toNatsHeaders(message.headers) })
  }

  subscribe(...[subject, take, failed]: Parameters<Transport['subscribe']>): Subscription {
    const takeMsg = (msg: Msg) => take({ data: msg.data, headers: fromNatsHeaders(msg.headers) }, msg.subject)
    const subscription = this.#subscriptions.add({ subject, take: takeMsg, failed })
    return { drain: () => subscription.end(this.state === 'connected') }
  }

  async store(subject: string, message: Message, id: string): Promise<void> {
    const connection = await this.#connected(RECONNECT_GRACE_MS)
    this.#jetstream ??= connection.jetstream({ timeout: 2000 })
    await this.#jetstream.publish(subject, message.data, { msgID: id, headers: toNatsHeaders(message.headers) })
  }

  async ensureStream(options: Parameters<Transport['ensureStream']>[0]): Promise<void> {
    await ensureStream(await this.#opened, { ...options, replicas: countReplicas(this.#options) })
  }

  consume(...[options, take]: Parameters<Transport['consume']>): StreamSubscription {
    return consumeStream(this.#opened, options, take, this.#options.log)
  }

  async readStored(...[options, take]: Parameters<Transport['readStored']>): Promise<void> {
    const inboxPrefix = inboxPrefixOf(this.#options.name)
    await readStored(await this.#connected(RECONNECT_GRACE_MS), { ...options, inboxPrefix, take })
  }

  async eraseStored(...[stream, sequence, isMeant]: Parameters<Transport['eraseStored']>): Promise<void> {
    const connection = await this.#connected(RECONNECT_GRACE_MS)
    await eraseStored(connection, { stream, sequence, isMeant })
  }

  async findStored(stream: string, sequence: number): Promise<Uint8Array | undefined> {
    return await findStored(await this.#connected(RECONNECT_GRACE_MS), stream, sequence)
  }

  async ensureConsumer(...[options, how]: Parameters<Transport['ensureConsumer']>): Promise<void> {
    await ensureConsumer(await this.#opened, options, how)
  }

  async flush(timeoutMs: number): Promise<void> {
    await flushWithin(await this.#connected(timeoutMs), timeoutMs)
  }

  onState(listen: (state: TransportState) => void): void {
    this.#listeners.add(listen)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    const connection = await this.#opened.catch(() => undefined)
    if (this.state === 'connected') await partingWord(connection?.flush())
    await connection?.close()
  }

  #begin(connection: NatsConnection): void {
    this.#connection = connection
    this.#enter('connected')
    void this.#watch(connection)
    void connection.closed().then((err) => {
      if (err !== undefined) this.#options.log.warn({ err }, 'connection to NATS is closed for good')
      this.#enter('closed')
    })
  }

  async #watch(connection: NatsConnection): Promise<void> {
    for await (const { type, data, permissionContext } of connection.status()) {
      if (type === Events.Disconnect || type === DebugEvents.StaleConnection) this.#enter('disconnected')
      if (type === Events.Reconnect) this.#enter('connected')
      if (type !== Events.Error) continue
      const { operation, subject = '' } = permissionContext ?? {}
      if (operation === 'subscription') this.#subscriptions.refuse(subject, new Error(String(data)))
      else this.#report(String(data), subject)
    }
  }

  /** Each fault once for a connection: one that stays is met at every attempt to connect, and with every message. */
  #report(detail: string, subject: string): void {
    const fault = `${detail} ${subject}`
    if (this.#reported.has(fault)) return
    this.#reported.add(fault)
    this.#options.log.warn({ detail, subject }, 'NATS reports an error')
  }

  #enter(state: TransportState): void {
    if (this.state === state || this.state === 'closed') return
    this.state = state
    if (!this.#closing.signal.aborted) this.#options.log.info({ state }, 'connection to NATS')
    for (const listen of this.#listeners) listen(state)
    if (state !== 'connected') return
    this.#reported.clear()
    this.#waiting.wake()
  }

  /** The connection, once it is up; throws `NoResponders` when it is not within `waitMs`. */
  async #connected(waitMs: number): Promise<NatsConnection> {
    if (this.state === 'disconnected') await this.#waiting.wait(waitMs)
    if (this.state !== 'connected' || this.#connection === undefined) throw new NoResponders('not connected')
    return this.#connection
  }
}
