import { Envelope, type EventName, type EventOf, events, type PlatformEvent } from '@latchkey/contracts/events'
import { Compile } from 'typebox/compile'
import type { Log } from './client.ts'
import { decode, encode } from './codec.ts'
import type { StreamMessage, Subscription, Transport } from './transport.ts'

/** The one stream that holds every event, in order. */
export const EVENT_STREAM = 'LATCHKEY_EVENTS'

const WEEK_SECONDS = 7 * 24 * 3600
/** For how long the stream keeps an event at most. */
export const STREAM_AGE_MS = WEEK_SECONDS * 1000

export function ensureEventStream(transport: Transport): Promise<void> {
  return transport.ensureStream({
    name: EVENT_STREAM,
    subjects: ['event.>'],
    maxAgeSeconds: WEEK_SECONDS,
    duplicateWindowSeconds: 120
  })
}

/** Resolves once the stream has stored the event. Storing one twice is harmless: its id tells. */
export function storeEvent(transport: Transport, event: PlatformEvent): Promise<void> {
  return transport.store(events[event.name].subject, { data: encode(event), headers: {} }, event.id)
}

/** Where an event is kept, and whom it has to be about to be erased. */
export interface StoredEvent {
  readonly sequence: number
  readonly userId: string
}

/** Takes an event out of the stream for good; does nothing when it is gone, or about somebody else. */
export function eraseEvent(transport: Transport, { sequence, userId }: StoredEvent): Promise<void> {
  return transport.eraseStored(EVENT_STREAM, sequence, (data) => readEvent(data)?.userId === userId)
}

export type EventListeners = { readonly [N in EventName]?: (event: EventOf<N>) => Promise<void> }

export interface ListenOptions {
  readonly transport: Transport
  /** Replicas of one listener name the same one and share the events. */
  readonly durable: string
  /** Asked of every event, whether or not it has a listener; one that is refused is passed over. */
  readonly admit?: (event: StoredEvent) => Promise<boolean>
  readonly log: Log
}

const MAX_DELIVERIES = 10
const envelopeValidator = Compile(Envelope)
const payloadValidators = new Map(Object.entries(events).map(([name, { payload }]) => [name, Compile(payload)]))

/** Thrown by a listener that cannot do its work for now: its event comes again, however often. */
export class ListenerUnavailable extends Error {
  override readonly name = 'ListenerUnavailable'
}

/**
 * Hands each event to its listener at least once: again after a failure, with growing delays, and set aside with a
 * line in the log after ten (never after a `ListenerUnavailable`). Events without a listener, and those of an unknown version or name, are passed over.
 */
export function listen(listeners: EventListeners, { transport, durable, admit, log }: ListenOptions): Subscription {
  const take = async (message: StreamMessage): Promise<void> => {
    const event = readEvent(message.data)
    if (event === undefined) {
      log.warn({ subject: message.subject }, 'event is not readable; passed over')
      message.discard()
      return
    }
    try {
      const stored = { sequence: message.sequence, userId: event.userId }
      if (admit === undefined || (await admit(stored))) await dispatch(listeners, event)
      message.ack()
    } catch (err) {
      if (err instanceof ListenerUnavailable) retryLater(message)
      else settleFailure(message, log, { err, eventId: event.id, subject: message.subject })
    }
  }
  return transport.consume({ stream: EVENT_STREAM, durable, ackWaitMs: 30_000 }, take)
}

function settleFailure(message: StreamMessage, log: Log, fields: object): void {
  if (message.deliveries >= MAX_DELIVERIES) {
    log.error(fields, 'event set aside after its last delivery failed')
    message.discard()
    return
  }
  log.warn(fields, 'event listener failed; the event comes again')
  retryLater(message)
}

function retryLater(message: StreamMessage): void {
  message.retry(Math.min(100 * 2 ** message.deliveries, 30_000))
}

/** `undefined` for bytes that are no event this version knows. */
export function readEvent(data: Uint8Array): PlatformEvent | undefined {
  try {
    const event = decode(data)
    if (!envelopeValidator.Check(event) || !('payload' in event)) return undefined
    const validator = payloadValidators.get(event.name)
    return validator?.Check(event.payload) === true ? (event as PlatformEvent) : undefined
  } catch {
    return undefined
  }
}

async function dispatch(listeners: EventListeners, event: PlatformEvent): Promise<void> {
  const listener = listeners[event.name] as ((event: PlatformEvent) => Promise<void>) | undefined
  await listener?.(event)
}
