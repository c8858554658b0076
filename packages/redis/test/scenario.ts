import type { TestScope } from '@latchkey/testing/stores'
import { closeRedis, openRedis, type RedisClient, type RedisConnection } from '../src/client.ts'

/** With a time limit that a machine which is busy otherwise does not meet. */
const PATIENT_MS = 5000

/** A log that remembers its texts. */
export function createLog() {
  const lines: string[] = []
  const note = (_fields: object, text: string) => void lines.push(text)
  return { lines, info: note, warn: note }
}

/** A client that is closed with the test. */
export function open(t: TestScope, url: string, changes: Partial<RedisConnection> = {}): RedisClient {
  const redis = openRedis({ url, commandTimeoutMs: PATIENT_MS, log: createLog(), ...changes })
  t.teardown(() => closeRedis(redis))
  return redis
}

export async function connect(...args: Parameters<typeof open>): Promise<RedisClient> {
  const redis = open(...args)
  await hear(redis, 'ready')
  return redis
}

/** Waits for an event, whatever errors come before it. */
export async function hear(redis: RedisClient, event: 'ready' | 'reconnecting' | 'end'): Promise<void> {
  await new Promise<void>((resolve) => void redis.once(event, () => resolve()))
}
