/** Header names that travel with every message. */
export const HEADERS = {
  requestId: 'x-request-id',
  traceparent: 'traceparent',
  /** Milliseconds the caller still waits, counted from sending: a duration, since clocks of two machines differ. */
  deadlineMs: 'latchkey-deadline-ms'
} as const

export interface Message {
  readonly data: Uint8Array
  readonly headers: Readonly<Record<string, string>>
}

export interface ReceivedMessage extends Message {
  /** Milliseconds that it may have waited for this process to read it. */
  readonly waitedMs: number
}

/** A message of a durable stream, to be settled exactly once. */
export interface StreamMessage extends Message {
  readonly subject: string
  /** Its number in the stream. */
  readonly sequence: number
  /** How often it was handed out, this time included. */
  readonly deliveries: number
  ack(): void
  /** Hand it out again, no sooner than after `delayMs`. */
  retry(delayMs: number): void
  /** Never hand it out again. */
  discard(): void
}

export interface Subscription {
  /** Stops taking messages and waits for those already taken. */
  drain(): Promise<void>
}

/** How far a durable consumer is behind its stream. */
export interface ConsumerLag {
  /** Messages that were not handed out yet. */
  readonly waiting: number
  /** Messages that were handed out and are not settled, also those that are to come again. */
  readonly unsettled: number
}

export interface StreamSubscription extends Subscription {
  /** `undefined` while the server cannot be asked. */
  measureLag(): Promise<ConsumerLag | undefined>
}

export interface StreamOptions {
  readonly name: string
  readonly subjects: readonly string[]
  readonly maxAgeSeconds: number
  /** How long the stream remembers message ids, for de-duplication. */
  readonly duplicateWindowSeconds: number
}

export interface ConsumerOptions {
  readonly stream: string
  /** Name under which the stream remembers how far this consumer has come. */
  readonly durable: string
  /** Unsettled for so long, a message is handed out again. */
  readonly ackWaitMs: number
  /** Where one begins that is not there yet: at the oldest message there is unless told. */
  readonly from?: 'now' | Date | undefined
  /** How many messages `take` is given before it has settled the first; one unless told, which keeps them in order. */
  readonly atOnce?: number
  /** So many messages may be unsettled before no new ones are handed out. */
  readonly maxUnsettled?: number
}

export interface ReadOptions {
  readonly stream: string
  readonly subject: string
  /** Stored since then, by the clock of the stream. */
  readonly since: Date
}

export interface SubscriptionFate {
  /** Nothing may arrive from now on. Told each time it is asked for again in vain. */
  refused(err: Error): void
  /** After it was refused: whatever is sent from now on arrives again. */
  granted(): void
}

export type TransportState = 'connected' | 'disconnected' | 'closed'

/**
 * What the platform needs of a message bus. Whoever opens a transport closes it.
 *
 * `request` throws `NoResponders` when nobody listens and `RequestTimeout` when nobody answers in time; anything
 * else that goes wrong below is `NoResponders` too, since then nobody could be asked.
 */
export interface Transport {
  request(subject: string, message: Message, timeoutMs: number): Promise<Message>
  /** Answers requests; replicas that name the same queue share them. */
  serve(subject: string, queue: string, answer: (message: ReceivedMessage) => Promise<Message>): Subscription
  publish(subject: string, message: Message): void
  /** A subscription that the server refuses or ends is asked for again until it is granted. */
  subscribe(subject: string, take: (message: Message, subject: string) => void, fate?: SubscriptionFate): Subscription
  /** Publishes into a stream and resolves once the stream has stored it; `id` makes a repetition harmless. */
  store(subject: string, message: Message, id: string): Promise<void>
  ensureStream(options: StreamOptions): Promise<void>
  /** Overwrites a stored message, if it is there and `isMeant` says so of its bytes. Rejects when that is not certain. */
  eraseStored(stream: string, sequence: number, isMeant: (data: Uint8Array) => boolean): Promise<void>
  /**
   * Hands out what a stream holds of a subject, in order, and resolves at its end; nothing where there is no such stream.
   * Rejects when anything may have been missed.
   */
  readStored(options: ReadOptions, take: (data: Uint8Array) => void): Promise<void>
  /** Hands out messages one after another, the next one once `take` has resolved; or as many `atOnce` as told. */
  consume(options: ConsumerOptions, take: (message: StreamMessage) => Promise<void>): StreamSubscription
  /** The bytes of a stored message; `undefined` where there is none (any more). */
  findStored(stream: string, sequence: number): Promise<Uint8Array | undefined>
  /** Makes a durable consumer where there is none, for others to take from; `anew` puts one back that is there. */
  ensureConsumer(options: ConsumerOptions, how?: { readonly anew: boolean }): Promise<void>
  /** A round trip to the server: everything sent before has arrived. */
  flush(timeoutMs: number): Promise<void>
  readonly state: TransportState
  onState(listen: (state: TransportState) => void): void
  /** Largest message the bus takes, in bytes. */
  readonly maxPayloadBytes: number
  close(): Promise<void>
}

export class NoResponders extends Error {
  override readonly name = 'NoResponders'
}

export class RequestTimeout extends Error {
  override readonly name = 'RequestTimeout'
}
