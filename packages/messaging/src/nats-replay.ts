import { AckPolicy, createInbox, DeliverPolicy, type Msg, type NatsConnection, NatsError, nanos, nuid } from 'nats'
import type { ReadOptions } from './transport.ts'

const API_TIMEOUT_MS = 2000
/** The server says so often that it is there while it has nothing to send. */
const HEARTBEAT_MS = 500
const SILENCE_MS = 3000
const STATUS_CODE = 100
const STREAM_NOT_FOUND = 10_059

type Reading = ReadOptions & { readonly inboxPrefix: string; readonly take: (data: Uint8Array) => void }

/** Reads what is in the stream now, through a consumer of its own that the server soon forgets. */
export async function readStored(connection: NatsConnection, reading: Reading): Promise<void> {
  const { stream, subject, since, inboxPrefix } = reading
  const manager = await connection.jetstreamManager({ timeout: API_TIMEOUT_MS })
  const inbox = createInbox(inboxPrefix)
  const receiver = new Receiver(connection, inbox, reading.take)
  try {
    const { num_pending: count } = await manager.consumers.add(stream, {
      name: nuid.next(),
      deliver_subject: inbox,
      deliver_policy: DeliverPolicy.StartTime,
      opt_start_time: since.toISOString(),
      filter_subject: subject,
      ack_policy: AckPolicy.None,
      flow_control: true,
      idle_heartbeat: nanos(HEARTBEAT_MS),
      mem_storage: true,
      num_replicas: 1
    })
    await receiver.receive(count)
  } catch (err) {
    if (!(err instanceof NatsError && err.api_error?.err_code === STREAM_NOT_FOUND)) throw err
  } finally {
    receiver.stop()
  }
}

/** Takes the messages of one consumer; one that is missing, or a server that falls silent, is an error. */
class Receiver {
  readonly #take: Reading['take']
  readonly #subscription: { unsubscribe(): void }
  readonly #complete = Promise.withResolvers<void>()
  readonly #silence: NodeJS.Timeout
  #received = 0
  #count = Number.POSITIVE_INFINITY

  constructor(connection: NatsConnection, inbox: string, take: Reading['take']) {
    this.#take = take
    this.#complete.promise.catch(() => undefined)
    this.#silence = setTimeout(() => this.#fail('silent'), SILENCE_MS)
    this.#subscription = connection.subscribe(inbox, {
      callback: (err, msg) => {
        if (err !== null) this.#complete.reject(err)
        else this.#receive(msg)
      }
    })
  }

  async receive(count: number): Promise<void> {
    this.#count = count
    this.#settle()
    await this.#complete.promise
  }

  stop(): void {
    clearTimeout(this.#silence)
    this.#subscription.unsubscribe()
  }

  #receive(msg: Msg): void {
    this.#silence.refresh()
    if (msg.headers?.code === STATUS_CODE) {
      // Goes on only once it hears that we have come so far.
      msg.respond()
      return
    }
    this.#received += 1
    if (readSequence(msg.reply ?? '') !== this.#received) this.#fail('not complete')
    else if (this.#received <= this.#count) this.#take(msg.data)
    this.#settle()
  }

  #settle(): void {
    if (this.#received >= this.#count) this.#complete.resolve()
  }

  #fail(what: string): void {
    this.#complete.reject(new Error(`the event stream is ${what}`))
  }
}

/** `$JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.<sequence of the consumer>…`, with two more words before it in a domain. */
function readSequence(reply: string): number {
  const words = reply.split('.')
  return Number(words.length > 9 ? words[8] : words[6])
}
