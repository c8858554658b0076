import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { activityContract } from '@latchkey/contracts/activity'
import type { CallOptions } from '@latchkey/contracts/define'
import type { ErrorCode, Result } from '@latchkey/contracts/errors'
import type { EventName, EventOf, PlatformEvent } from '@latchkey/contracts/events'
import { createClient } from '@latchkey/messaging/client'
import { openNatsTransport } from '@latchkey/messaging/nats'
import { readConfig } from '@latchkey/runtime/config'
import { createLogger } from '@latchkey/runtime/logger'
import { startNats, startRedis, type TestScope } from '@latchkey/testing/stores'
import { Redis } from 'ioredis'
import { buildApp } from '../src/app.ts'
import { variables } from '../src/config.ts'

export const SESSION_ID = '7fq0ZlX2m4n8VbYc1sT6dKe9RwGh3JuAoP'
export const DEVICE = { id: null, name: 'Chrome on macOS', userAgent: 'Mozilla/5.0', ip: '192.0.2.7' }

export async function until(holds: () => boolean | Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${holds}`)
    await delay(10)
  }
}

/** A UUID of version 7 whose last two digits, hence its shard, are random too. */
export function createUserId(): string {
  const time = Date.now().toString(16).padStart(12, '0')
  const random = randomBytes(10).toString('hex')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-a${random.slice(3, 6)}-${random.slice(6, 18)}`
}

export function createEvent<N extends EventName>(
  name: N,
  userId: string,
  payload: EventOf<N>['payload'],
  { id = randomUUID(), occurredAtMs = Date.now() }: { id?: string; occurredAtMs?: number } = {}
): PlatformEvent {
  const event = { id, version: 1, name, userId, occurredAt: new Date(occurredAtMs).toISOString(), payload }
  return event as PlatformEvent
}

export const call = (timeoutMs = 2000): CallOptions => ({ requestId: randomUUID(), timeoutMs })

/** What an answer is about, without what changes from run to run. */
export function outcomeOf(result: Result<unknown, ErrorCode>): string {
  return result.ok ? 'ok' : result.code
}

/** Direct access to the store, for what no procedure shows. */
export function openRedis(t: TestScope, url: string): Redis {
  const redis = new Redis(url)
  redis.on('error', () => {})
  t.teardown(() => redis.disconnect())
  return redis
}

export async function readClock(redis: Redis): Promise<number> {
  const [seconds, microseconds] = await redis.time()
  return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000)
}

export async function untilClock(redis: Redis, time: string | null): Promise<void> {
  if (time === null) throw new Error('there is no such time')
  await until(async () => (await readClock(redis)) >= Date.parse(time))
}

/** The service as production builds it, over stores of its own, with a client of its contract. */
export async function openScenario(t: TestScope, environment: Readonly<Record<string, string>> = {}) {
  const [nats, server] = await Promise.all([startNats(t), startRedis(t)])
  const logger = createLogger({ service: 'activity', level: 'silent' })
  const transport = openNatsTransport({ url: nats.url, name: 'test', log: logger })
  t.teardown(() => transport.close())
  const config = readConfig(variables, { NATS_URL: nats.url, REDIS_URL: server.url, ...environment })
  const app = await buildApp({ config, transport, logger })
  t.teardown(() => app.close())
  await app.ready()
  const client = createClient(activityContract, transport, logger)
  await until(async () => (await app.inject('/readyz')).statusCode === 200)
  await until(async () => (await client.getStatus({ userId: createUserId() }, call())).ok)

  const admit = (userId: string, purpose: 'request' | 'sign_in' | 'background' = 'request') =>
    client.admit({ userId, purpose }, call())
  return { nats, server, redis: openRedis(t, server.url), transport, app, client, admit }
}
