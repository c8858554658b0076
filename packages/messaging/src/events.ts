import {
  AnyEvent,
  Envelope,
  type EventName,
  type EventOf,
  events,
  type PlatformEvent,
  subjectOf
} from '@latchkey/contracts/events'
import { Compile } from 'typebox/compile'
import { decode, encode } from './codec.ts'
import type { StreamMessage, StreamSubscription, Transport } from './transport.ts'

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
export function storeEvent(transport: Transport, event: AnyEvent): Promise<void> {
  return transport.store(subjectOf(event.name), { data: encode(event), headers: {} }, event.id)
}

/** Hands out the stored events of one name since then, in order, and resolves when there is no more; see `readStored`. */
export function readEvents<N extends EventName>(
  transport: Transport,
  { name, since }: { readonly name: N; readonly since: Date },
  take: (event: EventOf<N>) => void
): Promise<void> {
  const isNamed = (event: PlatformEvent | undefined): event is EventOf<N> => event?.name === name
  return transport.readStored({ stream: EVENT_STREAM, subject: events[name].subject, since }, (data) => {
    const event = readEvent(data)
    if (isNamed(event)) take(event)
  })
}

/** Where an event is kept, and whom it has to be about to be erased. */
export interface StoredEvent {
  readonly sequence: number
  readonly userId: string
}

/** Takes an event out of the stream for good; does nothing when it is gone, or about somebody else. */
export function eraseEvent(transport: Transport, { sequence, userId }: StoredEvent): Promise<void> {
  return transport.eraseStored(EVENT_STREAM, sequence, (data) => readAnyEvent(data)?.userId === userId)
}

/** How long a consumer has for one event before it comes again. */
export const ACK_WAIT_MS = 30_000

/** Makes sure that a program outside the platform can read the events by this consumer. */
export function lendConsumer(transport: Transport, durable: string): Promise<void> {
  return transport.ensureConsumer({ stream: EVENT_STREAM, durable, ackWaitMs: ACK_WAIT_MS })
}

/** Puts a consumer back, so that it gets again all that was stored from that moment on, or all there is. */
export function rewindConsumer(transport: Transport, durable: string, from: Date | undefined): Promise<void> {
  return transport.ensureConsumer({ stream: EVENT_STREAM, durable, ackWaitMs: ACK_WAIT_MS, from }, { anew: true })
}

export interface ForwardOptions {
  readonly transport: Transport
  readonly durable: string
  /** Longer than `take` needs for one event. */
  readonly ackWaitMs: number
  /** So many events are under way at once, in no order. */
  readonly atOnce: number
}

/** Of one consumer: a destination that is down for long keeps that many events in mind, and the stream the others. */
const MAX_UNSETTLED = 10_000

/**
 * Hands out each event as it is stored, also one that only a newer version can read, to be settled by `take`. A consumer that
 * is new begins with what happens from now on.
 */
export function forwardEvents(
  take: (message: StreamMessage) => Promise<void>,
  { transport, ...options }: ForwardOptions
): StreamSubscription {
  return transport.consume({ stream: EVENT_STREAM, from: 'now', maxUnsettled: MAX_UNSETTLED, ...options }, take)
}

/** The bytes of a stored event; `undefined` where the stream has it no longer. */
export function findStoredEvent(transport: Transport, sequence: number): Promise<Uint8Array | undefined> {
  return transport.findStored(EVENT_STREAM, sequence)
}

const anyEventValidator = Compile(AnyEvent)
const envelopeValidator = Compile(Envelope)
const payloadValidators = new Map(Object.entries(events).map(([name, { payload }]) => [name, Compile(payload)]))

/** What can be said of an event of any version; `undefined` for bytes that are none. */
export function readAnyEvent(data: Uint8Array): AnyEvent | undefined {
  try {
    const event = decode(data)
    return anyEventValidator.Check(event) ? event : undefined
  } catch {
    return undefined
  }
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
