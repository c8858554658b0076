import type { AnyEvent, EventName, EventOf, PlatformEvent } from '@latchkey/contracts/events'
import type { Log } from './client.ts'
import { ACK_WAIT_MS, EVENT_STREAM, readAnyEvent, readEvent, type StoredEvent } from './events.ts'
import type { StreamMessage, Subscription, Transport } from './transport.ts'

export type EventListeners = { readonly [N in EventName]?: (event: EventOf<N>) => Promise<void> }

/**
 * `taken`, also where there is no listener for it; `failed`: it comes again; `set_aside`: it has failed too often; `unknown`:
 * only a newer version can read it, so it comes again, maybe to one; `passed_over`: nobody gets it any more.
 */
export type EventOutcome = 'taken' | 'failed' | 'set_aside' | 'unknown' | 'passed_over'

export interface ListenOptions {
  readonly transport: Transport
  /** Replicas of one listener name the same one and share the events. */
  readonly durable: string
  /** Asked of every event, whether or not it has a listener; one that it refuses is taken, and no listener hears of it. */
  readonly admit?: (event: StoredEvent) => Promise<boolean>
  readonly log: Log
  /**
   * Told how each delivery ended, and for how many milliseconds the event had been true then, by the clock of this machine;
   * nothing of the latter for what is no event.
   */
  readonly observe?: (durable: string, outcome: EventOutcome, ageMs: number | undefined) => void
}

const MAX_DELIVERIES = 10
const FIRST_DELAY_MS = 200
const LONGEST_DELAY_MS = 30_000

/** Thrown by a listener that cannot do its work for now: its event comes again, however often. */
export class ListenerUnavailable extends Error {
  override readonly name = 'ListenerUnavailable'
}

/**
 * Hands each event to its listener at least once: again after a failure, with growing delays, and set aside with a
 * line in the log after ten (never after a `ListenerUnavailable`). Events without a listener are taken. One of an unknown
 * name or version waits as long for a replica that knows it, and is then passed over; what is no event is, at once.
 */
export function listen(listeners: EventListeners, options: ListenOptions): Subscription {
  const { transport, durable, log, observe } = options
  const take = async (message: StreamMessage): Promise<void> => {
    const envelope = readAnyEvent(message.data)
    const outcome = envelope === undefined ? 'passed_over' : await handOut(listeners, options, message, envelope)
    if (outcome === 'taken') message.ack()
    else if (outcome === 'failed' || outcome === 'unknown') message.retry(delayOf(message))
    else message.discard()
    if (outcome === 'passed_over') log.warn({ subject: message.subject, eventId: envelope?.id }, 'event passed over')
    observe?.(durable, outcome, envelope === undefined ? undefined : Date.now() - Date.parse(envelope.occurredAt))
  }
  return transport.consume({ stream: EVENT_STREAM, durable, ackWaitMs: ACK_WAIT_MS }, take)
}

async function handOut(
  listeners: EventListeners,
  { admit, log }: ListenOptions,
  { data, sequence, subject, deliveries }: StreamMessage,
  { id, userId }: AnyEvent
): Promise<EventOutcome> {
  const isLast = deliveries >= MAX_DELIVERIES
  try {
    if (admit !== undefined && !(await admit({ sequence, userId }))) return 'taken'
    const event = readEvent(data)
    if (event === undefined) return isLast ? 'passed_over' : 'unknown'
    await dispatch(listeners, event)
    return 'taken'
  } catch (err) {
    if (err instanceof ListenerUnavailable) return 'failed'
    if (isLast) log.error({ err, eventId: id, subject }, 'event set aside after its last delivery failed')
    else log.warn({ err, eventId: id, subject }, 'event listener failed; the event comes again')
    return isLast ? 'set_aside' : 'failed'
  }
}

function delayOf({ deliveries }: StreamMessage): number {
  return Math.min(FIRST_DELAY_MS * 2 ** (deliveries - 1), LONGEST_DELAY_MS)
}

async function dispatch(listeners: EventListeners, event: PlatformEvent): Promise<void> {
  const listener = listeners[event.name] as ((event: PlatformEvent) => Promise<void>) | undefined
  await listener?.(event)
}
