import { setTimeout as pause } from 'node:timers/promises'
import { AckPolicy, type Consumer, DeliverPolicy, type JsMsg, type NatsConnection, nanos } from 'nats'
import { fromNatsHeaders } from './nats-connection.ts'
import type { ConsumerOptions, StreamMessage, StreamSubscription } from './transport.ts'

const API_TIMEOUT_MS = 1000
const RESTART_DELAY_MS = 500
const BATCH_SIZE = 50
/** Also how long a drain may wait for a batch that is not full. */
const BATCH_EXPIRES_MS = 1000

/**
 * Takes messages one by one for a durable consumer. Whatever ends the flow (a lost server, a stream that is not
 * there yet) is waited out: the consumer is looked up or made again until it is drained.
 *
 * Pulls small batches instead of one endless flow: what was pulled is always settled before a drain ends, so that
 * nothing has to wait for its redelivery.
 */
export function consumeStream(
  opened: Promise<NatsConnection>,
  options: ConsumerOptions,
  take: (message: StreamMessage) => Promise<void>,
  log: { warn(fields: object, text: string): void }
): StreamSubscription {
  const stopped = new AbortController()
  const { signal } = stopped
  let consumer: Consumer | undefined

  const run = async (): Promise<void> => {
    const connection = await Promise.race([opened, aborted(signal)])
    while (connection !== undefined && !signal.aborted && !connection.isClosed()) {
      try {
        consumer = await openConsumer(connection, options)
        if (options.atOnce === undefined) await takeInTurn(consumer, take, signal)
        else await takeAtOnce(consumer, take, { atOnce: options.atOnce, signal })
      } catch (err) {
        if (!signal.aborted) log.warn({ err, consumer: options.durable }, 'event consumer interrupted')
        await Promise.race([pause(RESTART_DELAY_MS), aborted(signal)])
      }
    }
  }

  const finished = run()
  return {
    drain: async () => {
      stopped.abort()
      await finished
    },
    measureLag: async () => {
      const info = await consumer?.info().catch(() => undefined)
      return info && { waiting: info.num_pending, unsettled: info.num_ack_pending }
    }
  }
}

async function takeInTurn(consumer: Consumer, take: (message: StreamMessage) => Promise<void>, signal: AbortSignal) {
  while (!signal.aborted) {
    const batch = await consumer.fetch({ max_messages: BATCH_SIZE, expires: BATCH_EXPIRES_MS })
    for await (const message of batch) await take(toStreamMessage(message))
  }
}

/** Pulls no more than can be begun with at once: what is pulled does not wait here while its time runs. */
async function takeAtOnce(
  consumer: Consumer,
  take: (message: StreamMessage) => Promise<void>,
  { atOnce, signal }: { readonly atOnce: number; readonly signal: AbortSignal }
) {
  const underWay = new Set<Promise<void>>()
  try {
    while (!signal.aborted) {
      if (underWay.size >= atOnce) await Promise.race(underWay)
      const batch = await consumer.fetch({ max_messages: atOnce - underWay.size, expires: BATCH_EXPIRES_MS })
      for await (const message of batch) {
        const task = take(toStreamMessage(message)).finally(() => underWay.delete(task))
        underWay.add(task)
      }
    }
  } finally {
    await Promise.all(underWay)
  }
}

async function openConsumer(connection: NatsConnection, options: ConsumerOptions): Promise<Consumer> {
  await ensureConsumer(connection, options)
  return await connection.jetstream().consumers.get(options.stream, options.durable)
}

/** Makes the consumer where there is none; `anew` puts one back that is there. */
export async function ensureConsumer(connection: NatsConnection, options: ConsumerOptions, { anew = false } = {}) {
  const { stream, durable, ackWaitMs, from, maxUnsettled } = options
  const { consumers } = await connection.jetstreamManager({ timeout: API_TIMEOUT_MS })
  const isThere = await consumers.info(stream, durable).then(
    () => true,
    () => false
  )
  if (isThere && !anew) return
  if (isThere) await consumers.delete(stream, durable)
  await consumers.add(stream, {
    durable_name: durable,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ackWaitMs),
    ...(maxUnsettled === undefined ? {} : { max_ack_pending: maxUnsettled }),
    ...toDeliverPolicy(from)
  })
}

function toDeliverPolicy(from: ConsumerOptions['from']) {
  if (from === undefined) return { deliver_policy: DeliverPolicy.All }
  if (from === 'now') return { deliver_policy: DeliverPolicy.New }
  return { deliver_policy: DeliverPolicy.StartTime, opt_start_time: from.toISOString() }
}

function toStreamMessage(message: JsMsg): StreamMessage {
  return {
    data: message.data,
    headers: fromNatsHeaders(message.headers),
    subject: message.subject,
    sequence: message.seq,
    deliveries: message.info.redeliveryCount,
    ack: () => message.ack(),
    retry: (delayMs) => message.nak(delayMs),
    discard: () => message.term()
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}
