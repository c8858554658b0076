import type { TimelineEntry, TimelineKind } from '@latchkey/contracts/activity'
import { startRedis, startRedisCluster, type TestScope } from '@latchkey/testing/stores'
import { test } from 'tap'
import { listTimeline } from '../../src/domain/list-timeline.ts'
import type { Timelines } from '../../src/domain/ports.ts'
import { closeRedisClient, createRedisClient, type RedisClient } from '../../src/store/redis-client.ts'
import { createScriptRunner } from '../../src/store/run-script.ts'
import { createTimelines } from '../../src/store/timelines.ts'
import { createUserId, until } from '../scenario.ts'

const LIMITS = { maxLength: 1000, retentionSeconds: 3600 }

async function openTimelines(t: TestScope, limits = LIMITS) {
  const { url } = await startRedis(t)
  const redis = await openClient(t, url)
  const timelines = createTimelines(createScriptRunner(redis, { up: () => {}, down: () => {} }), limits)
  return { redis, timelines, userId: createUserId() }
}

async function openClient(t: TestScope, url: string): Promise<RedisClient> {
  const redis = createRedisClient(url)
  t.teardown(() => closeRedisClient(redis))
  await until(() => redis.status === 'ready')
  return redis
}

function createEntry(
  number: number,
  { kind = 'signed_in' as TimelineKind, occurredAtMs = Date.now() } = {}
): TimelineEntry {
  const id = `event-${String(number).padStart(6, '0')}`
  const occurredAt = new Date(occurredAtMs).toISOString()
  return { id, kind, occurredAt, sessionId: null, device: null, reason: null, fields: [] }
}

/** Entries a second apart, the last one now. */
function createEntries(count: number, kindOf: (number: number) => TimelineKind = () => 'signed_in'): TimelineEntry[] {
  const start = Date.now() - count * 1000
  return Array.from({ length: count }, (_, number) =>
    createEntry(number, { kind: kindOf(number), occurredAtMs: start + number * 1000 })
  )
}

async function listPages(timelines: Timelines, userId: string, kind: TimelineKind | null, limit: number) {
  const pages: string[][] = []
  let cursor: string | null = null
  do {
    const page = await listTimeline({ timelines }, { userId, kind, limit, cursor })
    if (!page.ok) throw new Error(page.code)
    pages.push(page.value.items.map(({ id }) => id))
    cursor = page.value.nextCursor
  } while (cursor !== null)
  return pages
}

const ids = (entries: readonly TimelineEntry[]) => entries.map(({ id }) => id)

test('a long timeline is paged without gaps or repetitions, and keeps its newest entries', async (t) => {
  const { timelines, userId } = await openTimelines(t)
  const entries = createEntries(1200)
  for (const entry of entries) await timelines.append(userId, [entry])
  const pages = await listPages(timelines, userId, null, 100)
  t.equal(pages.length, 10)
  t.same(pages.flat(), ids(entries.slice(-1000).toReversed()))
})

test('entries of the same moment are paged in a stable order', async (t) => {
  const { timelines, userId } = await openTimelines(t)
  const occurredAtMs = Date.now()
  const entries = Array.from({ length: 30 }, (_, number) => createEntry(number, { occurredAtMs }))
  await timelines.append(userId, entries)
  const pages = await listPages(timelines, userId, null, 7)
  t.same(pages.flat(), ids(entries.toReversed()))
})

test('an entry that comes between two pages moves nothing', async (t) => {
  const { timelines, userId } = await openTimelines(t)
  const entries = createEntries(10)
  await timelines.append(userId, entries)
  const first = await listTimeline({ timelines }, { userId, kind: null, limit: 5, cursor: null })
  if (!first.ok) throw new Error(first.code)
  await timelines.append(userId, [createEntry(999)])
  const second = await listTimeline({ timelines }, { userId, kind: null, limit: 5, cursor: first.value.nextCursor })
  if (!second.ok) throw new Error(second.code)
  t.same(ids([...first.value.items, ...second.value.items]), ids(entries.toReversed()))
  t.equal(second.value.nextCursor, null)
})

test('a filter finds rare entries across the whole timeline', async (t) => {
  const { timelines, userId } = await openTimelines(t)
  const entries = createEntries(1000, (number) => (number % 250 === 0 ? 'password_changed' : 'signed_in'))
  await timelines.append(userId, entries)
  const rare = entries.filter(({ kind }) => kind === 'password_changed').toReversed()
  const pages = await listPages(timelines, userId, 'password_changed', 3)
  t.same(pages, [ids(rare).slice(0, 3), ids(rare).slice(3)])
  t.same(await listPages(timelines, userId, 'user_blocked', 3), [[]])
})

test('an entry that is known already stays as it is', async (t) => {
  const { timelines, userId } = await openTimelines(t)
  const entry = createEntry(1, { occurredAtMs: Date.now() - 5000 })
  await timelines.append(userId, [entry])
  await timelines.append(userId, [{ ...entry, occurredAt: new Date().toISOString(), kind: 'new_device' }])
  t.same(await timelines.list(userId, { kind: undefined, limit: 10, before: undefined }), [entry])
})

test('entries older than the retention are neither kept nor shown', async (t) => {
  const { timelines, userId, redis } = await openTimelines(t, { maxLength: 1000, retentionSeconds: 1 })
  const old = createEntry(1, { occurredAtMs: Date.now() - 5000 })
  await timelines.append(userId, [old, createEntry(2)])
  t.same(await listPages(timelines, userId, null, 10), [['event-000002']])
  await until(async () => (await listPages(timelines, userId, null, 10)).flat().length === 0)
  await until(async () => (await redis.exists(`lk:a:{${userId.slice(-2)}}:t:${userId}`)) === 0)
  await until(async () => (await redis.exists(`lk:a:{${userId.slice(-2)}}:e:${userId}`)) === 0)
})

test('the contents are cut with the order', async (t) => {
  const { timelines, userId, redis } = await openTimelines(t, { maxLength: 5, retentionSeconds: 3600 })
  await timelines.append(userId, createEntries(50))
  t.equal(await redis.hlen(`lk:a:{${userId.slice(-2)}}:e:${userId}`), 5)
  t.equal(await redis.zcard(`lk:a:{${userId.slice(-2)}}:t:${userId}`), 5)
})

test('a text that is no cursor is refused by the name of its field', async (t) => {
  const { timelines, userId } = await openTimelines(t)
  const texts = [
    'x',
    '!!!',
    'MTIz',
    Buffer.from('12:a b').toString('base64url'),
    Buffer.from('12:id').toString('base64')
  ]
  for (const cursor of [...texts, Buffer.from('1:\u0000').toString('base64url')]) {
    const page = await listTimeline({ timelines }, { userId, kind: null, limit: 5, cursor })
    t.match(page, { ok: false, code: 'invalid_request', details: { errors: [{ field: 'cursor' }] } }, cursor)
  }
})

test('timelines work on a Redis Cluster', async (t) => {
  const { nodes } = await startRedisCluster(t)
  const redis = await openClient(t, nodes.map(({ host, port }) => `redis://${host}:${port}`).join(','))
  const timelines = createTimelines(createScriptRunner(redis, { up: () => {}, down: () => {} }), LIMITS)
  const userIds = Array.from({ length: 20 }, createUserId)
  const entries = createEntries(20)
  await Promise.all(userIds.map((userId) => timelines.append(userId, entries)))
  const lists = await Promise.all(userIds.map((userId) => listPages(timelines, userId, null, 10)))
  t.ok(lists.every((pages) => pages.flat().length === 20))
})
