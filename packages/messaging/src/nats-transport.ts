import type { JetStreamClient, Msg } from 'nats'
import { flushWithin, fromNatsHeaders, inboxPrefixOf, requestWithin, toNatsHeaders } from './nats-connection.ts'
import { consumeStream, ensureConsumer } from './nats-consumers.ts'
import { KeptConnection, type KeptConnectionOptions } from './nats-kept-connection.ts'
import { readStored } from './nats-replay.ts'
import { countReplicas, ensureStream, eraseStored, findStored } from './nats-streams.ts'
import { Subscriptions } from './nats-subscriptions.ts'
import { StallWatch } from './stall-watch.ts'
import type {
  Message,
  ReceivedMessage,
  StreamSubscription,
  Subscription,
  Transport,
  TransportState
} from './transport.ts'

export interface NatsOptions extends KeptConnectionOptions {
  /** On how many servers the event stream is kept; without it on as many as `url` names, but three at most. */
  readonly replicas?: number | undefined
}

/** A request that meets a lost connection waits so long for the next one: a server that restarts costs no error. */
const RECONNECT_GRACE_MS = 300
/** What a server takes unless it is configured otherwise; it says so when it is there. */
const DEFAULT_MAX_PAYLOAD_BYTES = 1024 * 1024

/**
 * Opens a connection that is kept for ever: it reconnects without limit, also when the server is not there yet, so
 * that services start in any order. Returns at once; `state` tells.
 */
export function openNatsTransport(options: NatsOptions): Transport {
  return new NatsTransport(options)
}

class NatsTransport implements Transport {
  readonly #kept: KeptConnection
  readonly #subscriptions: Subscriptions
  readonly #options: NatsOptions
  #jetstream: JetStreamClient | undefined
  #stalls: StallWatch | undefined

  constructor(options: NatsOptions) {
    this.#options = options
    this.#kept = new KeptConnection(options, (subject, err) => this.#subscriptions.refuse(subject, err))
    this.#subscriptions = new Subscriptions(this.#kept.opened, options.log)
    this.#kept.opened.then(
      (connection) => {
        this.#stalls = new StallWatch({ roundTrip: () => connection.flush() })
      },
      () => undefined
    )
  }

  get state(): TransportState {
    return this.#kept.state
  }

  get maxPayloadBytes(): number {
    return this.#kept.server?.max_payload ?? DEFAULT_MAX_PAYLOAD_BYTES
  }

  async request(subject: string, message: Message, timeoutMs: number): Promise<Message> {
    const startedAt = performance.now()
    const connection = await this.#kept.waitUntilUp(Math.min(RECONNECT_GRACE_MS, timeoutMs))
    const remainingMs = Math.max(1, timeoutMs - (performance.now() - startedAt))
    return await requestWithin(connection, subject, message, remainingMs)
  }

  serve(subject: string, queue: string, answer: (message: ReceivedMessage) => Promise<Message>): Subscription {
    const underWay = new Set<Promise<void>>()
    const respond = async (msg: Msg): Promise<void> => {
      const waitedMs = this.#stalls?.waitedMs() ?? 0
      const { data, headers } = await answer({ data: msg.data, headers: fromNatsHeaders(msg.headers), waitedMs })
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
    this.#kept.up.publish(subject, message.data, { headers: toNatsHeaders(message.headers) })
  }

  subscribe(...[subject, take, fate]: Parameters<Transport['subscribe']>): Subscription {
    const takeMsg = (msg: Msg) => take({ data: msg.data, headers: fromNatsHeaders(msg.headers) }, msg.subject)
    const subscription = this.#subscriptions.add({ subject, take: takeMsg, fate })
    return { drain: () => subscription.end(this.state === 'connected') }
  }

  async store(subject: string, message: Message, id: string): Promise<void> {
    const connection = await this.#kept.waitUntilUp(RECONNECT_GRACE_MS)
    this.#jetstream ??= connection.jetstream({ timeout: 2000 })
    await this.#jetstream.publish(subject, message.data, { msgID: id, headers: toNatsHeaders(message.headers) })
  }

  async ensureStream(options: Parameters<Transport['ensureStream']>[0]): Promise<void> {
    await ensureStream(await this.#kept.opened, { ...options, replicas: countReplicas(this.#options) })
  }

  consume(...[options, take]: Parameters<Transport['consume']>): StreamSubscription {
    return consumeStream(this.#kept.opened, options, take, this.#options.log)
  }

  async readStored(...[options, take]: Parameters<Transport['readStored']>): Promise<void> {
    const inboxPrefix = inboxPrefixOf(this.#options.name)
    await readStored(await this.#kept.waitUntilUp(RECONNECT_GRACE_MS), { ...options, inboxPrefix, take })
  }

  async eraseStored(...[stream, sequence, isMeant]: Parameters<Transport['eraseStored']>): Promise<void> {
    const connection = await this.#kept.waitUntilUp(RECONNECT_GRACE_MS)
    await eraseStored(connection, { stream, sequence, isMeant })
  }

  async findStored(stream: string, sequence: number): Promise<Uint8Array | undefined> {
    return await findStored(await this.#kept.waitUntilUp(RECONNECT_GRACE_MS), stream, sequence)
  }

  async ensureConsumer(...[options, how]: Parameters<Transport['ensureConsumer']>): Promise<void> {
    await ensureConsumer(await this.#kept.opened, options, how)
  }

  async flush(timeoutMs: number): Promise<void> {
    await flushWithin(await this.#kept.waitUntilUp(timeoutMs), timeoutMs)
  }

  onState(listen: (state: TransportState) => void): void {
    this.#kept.onState(listen)
  }

  close(): Promise<void> {
    this.#stalls?.stop()
    return this.#kept.close()
  }
}
