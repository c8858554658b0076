import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { PlatformEvent } from '@latchkey/contracts/events'
import { EVENT_STREAM, readEvent } from '@latchkey/messaging/events'
import { openNatsTransport } from '@latchkey/messaging/nats'
import type { Transport } from '@latchkey/messaging/transport'
import type { TestScope, TestServer } from '@latchkey/testing/stores'

const USER_ID = '019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b21'

/** A log that keeps its lines, to be counted. */
export function createMemoryLog() {
  const lines: { level: string; text: string }[] = []
  const write = (level: string) => (_fields: object, text: string) => void lines.push({ level, text })
  return { lines, info: write('info'), warn: write('warn'), error: write('error') }
}

export function openTransport(t: TestScope, { url }: Pick<TestServer, 'url'>): Transport {
  const transport = openNatsTransport({ url, name: 'test', log: createMemoryLog() })
  t.teardown(() => transport.close())
  return transport
}

/** Distinguishable events of one user, in the order of their numbers. */
export function createEvents(count: number, prefix: string = randomUUID().slice(0, 8)): PlatformEvent[] {
  return Array.from({ length: count }, (_, number) => ({
    id: `${prefix}:${String(number).padStart(6, '0')}`,
    version: 1,
    name: 'passwordChanged',
    userId: USER_ID,
    occurredAt: new Date().toISOString(),
    payload: {}
  }))
}

/** Ids of the events in the stream, growing as they are stored, in its order. */
export function collectStoredIds(t: TestScope, transport: Transport): string[] {
  const ids: string[] = []
  const durable = `collector-${randomUUID()}`
  const subscription = transport.consume({ stream: EVENT_STREAM, durable, ackWaitMs: 30_000 }, async (message) => {
    ids.push(readEvent(message.data)?.id ?? 'unreadable')
    message.ack()
  })
  t.teardown(() => subscription.drain())
  return ids
}

/**
 * Ids of the events in the stream, once there are so many, by a reader of its own: to one that NATS was killed under, what it
 * had not settled comes again, and out of turn.
 */
export async function readStream(t: TestScope, transport: Transport, count: number): Promise<readonly string[]> {
  const ids = collectStoredIds(t, transport)
  await until(() => ids.length >= count)
  return [...ids]
}

export async function until(holds: () => boolean | Promise<boolean>, timeoutMs = 15_000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${holds}`)
    await delay(10)
  }
}

/** Takes the event stream away with all it holds, as an operator's mistake would. */
export async function deleteEventStream(transport: Transport): Promise<void> {
  const message = { data: new Uint8Array(), headers: {} }
  await transport.request(`$JS.API.STREAM.DELETE.${EVENT_STREAM}`, message, 2000)
}
