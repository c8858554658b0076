import type { TimelineEntry, TimelineKind } from '@latchkey/contracts/timeline'
import { startRedis, startRedisCluster, type TestScope } from '@latchkey/testing/stores'
import { test } from 'tap'
import { listTimeline } from '../../src/domain/list-timeline.ts'
import type { Timelines } from '../../src/domain/ports.ts'
import { createTimelines } from '../../src/store/timelines.ts'
import { createUserId, until } from '../scenario.ts'
import { createEntries, createEntry, openClient, openScripts } from './fixtures.ts'

const LIMITS = { maxLength: 1000, retentionSeconds: 3600 }

async function openTimelines(t: TestScope, limits = LIMITS) {
  const { url } = await startRedis(t)
  const redis = await openClient(t, url)
  const timelines = createTimelines(openScripts(redis), limits)
  return { redis, timelines, userId: createUserId() }
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

test('what was recorded since a position comes in that order, late news last, page after page', async (t) => {
  const { timelines, userId } = await openTimelines(t)
  await timelines.append(userId, [createEntry(1)])
  const { position, items } = await timelines.listRecorded(userId, { after: undefined, limit: 10 })
  t.same(items, [], 'what is asked for is the position alone')
  const late = createEntry(4, { occurredAtMs: Date.now() - 60_000 })
  const later = [createEntry(2), createEntry(3), late]
  for (const entry of later) await timelines.append(userId, [entry])

  const first = await timelines.listRecorded(userId, { after: position, limit: 2 })
  t.match(first, { hasMore: true, hasGap: false })
  const second = await timelines.listRecorded(userId, { after: first.position, limit: 2 })
  t.match(second, { hasMore: false, hasGap: false })
  t.same(
    [...first.items, ...second.items].map(({ entry }) => entry),
    later
  )
  const third = await timelines.listRecorded(userId, { after: second.position, limit: 2 })
  t.same(third, { items: [], position: second.position, hasMore: false, hasGap: false })
})

test('a position from before the first entry misses none', async (t) => {
  const { timelines, userId } = await openTimelines(t)
  const { position } = await timelines.listRecorded(userId, { after: undefined, limit: 10 })
  await timelines.append(userId, [createEntry(1)])
  const page = await timelines.listRecorded(userId, { after: position, limit: 10 })
  t.match(page, { items: [{ entry: { id: 'event-000001' } }], hasGap: false })
})

test('recording an entry again gives it no second position', async (t) => {
  const { timelines, userId } = await openTimelines(t)
  const { position } = await timelines.listRecorded(userId, { after: undefined, limit: 10 })
  for (let i = 0; i < 3; i += 1) await timelines.append(userId, [createEntry(1)])
  t.equal((await timelines.listRecorded(userId, { after: position, limit: 10 })).items.length, 1)
})

test('whoever comes with a position that is too old learns that there may be a gap', async (t) => {
  const { timelines, userId, redis } = await openTimelines(t, { maxLength: 5, retentionSeconds: 3600 })
  await timelines.append(userId, [createEntry(0)])
  const first = await timelines.listRecorded(userId, { after: undefined, limit: 10 })
  await timelines.append(userId, createEntries(10))
  t.match(await timelines.listRecorded(userId, { after: first.position, limit: 10 }), { hasGap: true })
  t.match(await timelines.listRecorded(userId, { after: '1000-0', limit: 10 }), { hasGap: true })
  t.equal(await redis.xlen(`lk:a:{${userId.slice(-2)}}:r:${userId}`), 5)
  const { items } = await timelines.listRecorded(userId, { after: '1000-0', limit: 3 })
  t.match(await timelines.listRecorded(userId, { after: items[2]?.position, limit: 10 }), { hasGap: false })
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
  const timelines = createTimelines(openScripts(redis), LIMITS)
  const userIds = Array.from({ length: 20 }, createUserId)
  const entries = createEntries(20)
  await Promise.all(userIds.map((userId) => timelines.append(userId, entries)))
  const lists = await Promise.all(userIds.map((userId) => listPages(timelines, userId, null, 10)))
  t.ok(lists.every((pages) => pages.flat().length === 20))
})
