import type { TimelineEntry, TimelineKind } from '@latchkey/contracts/timeline'
import { closeRedis, openRedis, type RedisClient } from '@latchkey/redis/client'
import type { Scripts } from '@latchkey/redis/scripts'
import type { TestScope } from '@latchkey/testing/stores'
import { createScriptRunner } from '../../src/store/run-script.ts'
import { until } from '../scenario.ts'

export const silent = { info: () => {}, warn: () => {} }

export function openScripts(redis: RedisClient): Scripts {
  return createScriptRunner(redis, silent)
}

export async function openClient(t: TestScope, url: string): Promise<RedisClient> {
  const redis = openRedis({ url, commandTimeoutMs: 5000, log: silent })
  t.teardown(() => closeRedis(redis))
  await until(() => redis.status === 'ready')
  return redis
}

export function createEntry(
  number: number,
  { kind = 'signed_in' as TimelineKind, occurredAtMs = Date.now() } = {}
): TimelineEntry {
  const id = `event-${String(number).padStart(6, '0')}`
  const occurredAt = new Date(occurredAtMs).toISOString()
  return { id, kind, occurredAt, sessionId: null, device: null, reason: null, fields: [] }
}

/** Entries a second apart, the last one now. */
export function createEntries(
  count: number,
  kindOf: (number: number) => TimelineKind = () => 'signed_in'
): TimelineEntry[] {
  const start = Date.now() - count * 1000
  return Array.from({ length: count }, (_, number) =>
    createEntry(number, { kind: kindOf(number), occurredAtMs: start + number * 1000 })
  )
}
