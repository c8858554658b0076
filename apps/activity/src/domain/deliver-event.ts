import { StoreUnavailable } from './ports.ts'
import type { DeadLetters, WebhookEndpoint, WebhookSender } from './webhook-ports.ts'

export interface DeliverDeps {
  readonly sender: WebhookSender
  readonly letters: Pick<DeadLetters, 'keep'>
  readonly retries: Retries
  readonly now: () => Date
  /** From 0 to 1, so that what failed together does not come again together. */
  readonly random: () => number
}

export interface Retries {
  /** How often an event is sent before it is kept as a dead letter. */
  readonly maxAttempts: number
  /** Before the second attempt; each further one waits three times as long, up to twelve hours. */
  readonly firstDelayMs: number
}

export interface DueEvent {
  readonly sequence: number
  readonly id: string
  readonly name: string
  readonly body: Uint8Array
  /** From 1. */
  readonly attempt: number
}

/** `unwanted`: the endpoint did not ask for such events. */
export type Delivery =
  | { readonly kind: 'unwanted' | 'delivered' | 'dead' }
  | { readonly kind: 'failed' | 'stopped'; readonly retryAfterMs: number }

const GROWTH = 3
const LONGEST_DELAY_MS = 12 * 3600 * 1000
const SPREAD = 0.2

/** One attempt to hand an event to an endpoint, and what follows from it. */
export async function deliverEvent(
  { sender, letters, retries, now, random }: DeliverDeps,
  endpoint: WebhookEndpoint,
  { sequence, id, name, body, attempt }: DueEvent
): Promise<Delivery> {
  if (endpoint.events !== undefined && !endpoint.events.includes(name)) return { kind: 'unwanted' }
  const result = await sender.send(endpoint, { id, body })
  if (result.kind === 'accepted') return { kind: 'delivered' }
  if (result.kind === 'stopped') return { kind: 'stopped', retryAfterMs: 0 }

  const retryAfterMs = delayAfter(attempt, retries, random())
  if (attempt < retries.maxAttempts) return { kind: 'failed', retryAfterMs }
  const failedAt = now().toISOString()
  try {
    await letters.keep(endpoint.name, {
      sequence,
      eventId: id,
      name,
      attempts: attempt,
      failedAt,
      reason: result.reason
    })
  } catch (err) {
    // Better sent once too often than lost.
    if (err instanceof StoreUnavailable) return { kind: 'failed', retryAfterMs }
    throw err
  }
  return { kind: 'dead' }
}

function delayAfter(attempt: number, { firstDelayMs }: Retries, random: number): number {
  const delayMs = Math.min(firstDelayMs * GROWTH ** (attempt - 1), LONGEST_DELAY_MS)
  return Math.round(delayMs * (1 - SPREAD + 2 * SPREAD * random))
}
