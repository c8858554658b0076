import { lookup } from 'node:dns'
import { forwardEvents, readAnyEvent } from '@latchkey/messaging/events'
import type { StreamMessage, StreamSubscription, Transport } from '@latchkey/messaging/transport'
import type { Logger } from '@latchkey/runtime/logger'
import type { Registry } from '@prometheus-io/client'
import { type DeliverDeps, type Delivery, deliverEvent, type Retries } from '../domain/deliver-event.ts'
import type { DeadLetters, WebhookEndpoint } from '../domain/webhook-ports.ts'
import { createHttpSender } from './http-sender.ts'
import { registerWebhookMetrics } from './metrics.ts'
import type { AllowsTarget } from './targets.ts'

export interface WebhooksOptions {
  readonly endpoints: readonly WebhookEndpoint[]
  readonly transport: Transport
  readonly letters: DeadLetters
  readonly allows: AllowsTarget
  readonly timeoutMs: number
  readonly retries: Retries
  readonly registry: Registry
  readonly log: Logger
}

/** Of one endpoint. A slow one has no more than these in its way, and stands in the way of no other. */
const AT_ONCE = 8
/** For the answer of the broker, and for keeping a dead letter. */
const SETTLING_MS = 2000
/** So long the end of the service waits for answers. */
const STOP_MS = 3000
const AFTER_FAULT_MS = 5000

/** Sends the events of the stream to each endpoint, which has a durable consumer of its own, until it is stopped. */
export function startWebhooks(options: WebhooksOptions): { stop(): Promise<void> } {
  const { endpoints, letters, registry } = options
  const stopping = new AbortController()
  const sender = createHttpSender({
    timeoutMs: options.timeoutMs,
    allows: options.allows,
    resolve: lookup,
    stopped: stopping.signal,
    now: () => new Date()
  })
  const deps = { sender, letters, retries: options.retries, now: () => new Date(), random: Math.random }
  const count = registerWebhookMetrics(registry, {
    measureLags: async () => await collect(subscriptions, ([, subscription]) => subscription.measureLag()),
    countLetters: async () => await collect(subscriptions, ([{ name }]) => letters.count(name).catch(() => undefined))
  })
  const subscriptions = endpoints.map(
    (endpoint) => [endpoint, subscribe(endpoint, { ...options, deps, count })] as const
  )

  return {
    stop: async () => {
      const timer = setTimeout(() => stopping.abort(), STOP_MS)
      await Promise.all(subscriptions.map(([, subscription]) => subscription.drain()))
      clearTimeout(timer)
      sender.close()
    }
  }
}

type Subscribed = readonly [WebhookEndpoint, StreamSubscription]

async function collect<T>(subscriptions: readonly Subscribed[], ask: (one: Subscribed) => Promise<T | undefined>) {
  const answers = await Promise.all(subscriptions.map(async (one) => [one[0].name, await ask(one)] as const))
  return answers.flatMap(([name, answer]) => (answer === undefined ? [] : [[name, answer] as const]))
}

interface Delivering extends WebhooksOptions {
  readonly deps: DeliverDeps
  readonly count: (endpoint: string, outcome: string) => void
}

function subscribe(
  endpoint: WebhookEndpoint,
  { transport, timeoutMs, deps, count, log }: Delivering
): StreamSubscription {
  const { name } = endpoint
  const take = async (message: StreamMessage): Promise<void> => {
    const event = readAnyEvent(message.data)
    if (event === undefined) {
      count(name, 'passed_over')
      message.discard()
      return
    }
    const { sequence, data: body, deliveries: attempt } = message
    try {
      const delivery = await deliverEvent(deps, endpoint, { sequence, id: event.id, name: event.name, body, attempt })
      if (delivery.kind !== 'unwanted') count(name, delivery.kind)
      if (delivery.kind === 'dead') log.warn({ endpoint: name, eventId: event.id, attempt }, 'webhook given up')
      settle(message, delivery)
    } catch (err) {
      log.error({ err, endpoint: name, eventId: event.id }, 'webhook could not be handled')
      message.retry(AFTER_FAULT_MS)
    }
  }
  const ackWaitMs = timeoutMs + SETTLING_MS
  return forwardEvents(take, { transport, durable: `webhook-${name}`, ackWaitMs, atOnce: AT_ONCE })
}

function settle(message: StreamMessage, delivery: Delivery): void {
  if ('retryAfterMs' in delivery) message.retry(delivery.retryAfterMs)
  else if (delivery.kind === 'dead') message.discard()
  else message.ack()
}
