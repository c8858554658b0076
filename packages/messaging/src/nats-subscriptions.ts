import type { Msg, NatsConnection, NatsError, Subscription as NatsSubscription } from 'nats'
import { partingWord } from './nats-connection.ts'
import type { SubscriptionFate } from './transport.ts'

export interface Wanted {
  readonly subject: string
  readonly queue?: string
  readonly take: (msg: Msg) => void
  readonly fate?: SubscriptionFate | undefined
}

export interface LastingSubscription {
  /** Stops taking messages and waits for those already taken, where the server can be told. */
  end(isConnected: boolean): Promise<void>
}

interface Log {
  warn(fields: object, text: string): void
  info(fields: object, text: string): void
}

const AGAIN_MS = 1000

/**
 * Subscriptions that the server refuses, or ends because rights were taken away, are asked for again until they are
 * granted: nobody is deaf for longer than the rights are missing. The log hears of the change, not of each attempt.
 */
export class Subscriptions {
  readonly #opened: Promise<NatsConnection>
  readonly #log: Log
  readonly #all = new Set<Lasting>()

  constructor(opened: Promise<NatsConnection>, log: Log) {
    this.#opened = opened
    this.#log = log
  }

  add(wanted: Wanted): LastingSubscription {
    const lasting = new Lasting(wanted, this.#log)
    this.#all.add(lasting)
    this.#opened.then(
      (connection) => lasting.begin(connection),
      () => undefined
    )
    return {
      end: async (isConnected) => {
        this.#all.delete(lasting)
        await lasting.end(isConnected)
      }
    }
  }

  /**
   * The server has refused a subscription to the subject. The library tells the one concerned only where it can find it,
   * which it cannot for a queue whose right is taken away while it stands.
   */
  refuse(subject: string, err: Error): void {
    for (const lasting of this.#all) if (lasting.subject === subject) lasting.refuse(err)
  }
}

class Lasting {
  readonly #wanted: Wanted
  readonly #log: Log
  #connection: NatsConnection | undefined
  #current: NatsSubscription | undefined
  #isRefused = false
  #isEnded = false
  #timer: NodeJS.Timeout | undefined

  constructor(wanted: Wanted, log: Log) {
    this.#wanted = wanted
    this.#log = log
  }

  get subject(): string {
    return this.#wanted.subject
  }

  begin(connection: NatsConnection): void {
    if (this.#isEnded || connection.isClosed()) return
    const { subject, queue, take } = this.#wanted
    this.#connection = connection
    const callback = (err: NatsError | null, msg: Msg): void => {
      if (err === null) take(msg)
      else this.refuse(err)
    }
    const granted = connection.subscribe(subject, { callback, ...(queue === undefined ? {} : { queue }) })
    this.#current = granted
    if (this.#isRefused) void this.#confirm(connection, granted)
  }

  refuse(err: Error): void {
    if (this.#isEnded || this.#current === undefined) return
    const { subject, fate } = this.#wanted
    if (!this.#isRefused) this.#log.warn({ err, subject }, 'subscription is refused: nothing is heard by it')
    this.#isRefused = true
    this.#current.unsubscribe()
    this.#current = undefined
    fate?.refused(err)
    this.#timer = setTimeout(() => {
      if (this.#connection !== undefined) this.begin(this.#connection)
    }, AGAIN_MS)
    this.#timer.unref()
  }

  async end(isConnected: boolean): Promise<void> {
    this.#isEnded = true
    clearTimeout(this.#timer)
    if (isConnected) await partingWord(this.#current?.drain())
  }

  /** A refusal arrives before the answer to whatever was asked after it. */
  async #confirm(connection: NatsConnection, granted: NatsSubscription): Promise<void> {
    await connection.flush().catch(() => undefined)
    if (this.#current !== granted || this.#isEnded) return
    this.#isRefused = false
    this.#log.info({ subject: this.#wanted.subject }, 'subscription is granted again')
    this.#wanted.fate?.granted()
  }
}
