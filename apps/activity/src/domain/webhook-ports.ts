/** Where events are to be sent, as configured. */
export interface WebhookEndpoint {
  readonly name: string
  readonly url: string
  /** Each signs: while one is replaced by another the receiver may know either. */
  readonly secrets: readonly string[]
  /** Names of the events it wants; `undefined` for all. */
  readonly events: readonly string[] | undefined
}

export interface WebhookMessage {
  /** Id of the event: the same however often it is sent. */
  readonly id: string
  readonly body: Uint8Array
}

/** `stopped`: the service ends, which says nothing of the receiver. */
export type SendResult =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'stopped' }

export interface WebhookSender {
  /** Sends once, within a time limit; never rejects. */
  send(endpoint: WebhookEndpoint, message: WebhookMessage): Promise<SendResult>
}

/** An event that an endpoint has not accepted in all its attempts. What it says is in the stream alone. */
export interface DeadLetter {
  /** Number of the event in the stream. */
  readonly sequence: number
  readonly eventId: string
  readonly name: string
  readonly attempts: number
  readonly failedAt: string
  /** Of the last attempt: `status 500`, `ECONNREFUSED`. */
  readonly reason: string
}

export interface DeadLetters {
  /** Keeping one again only replaces it. The oldest go when there are too many. Throws `StoreUnavailable`. */
  keep(endpoint: string, letter: DeadLetter): Promise<void>
  /** In the order of the stream. */
  list(endpoint: string): Promise<DeadLetter[]>
  drop(endpoint: string, sequence: number): Promise<void>
  count(endpoint: string): Promise<number>
}
