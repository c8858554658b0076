import type { PlatformEntry, TimelineKind } from '@latchkey/contracts/timeline'
import { startRedis, startRedisCluster, type TestScope } from '@latchkey/testing/stores'
import { test } from 'tap'
import { listEvents } from '../../src/domain/list-events.ts'
import { createEventIndex } from '../../src/store/event-index.ts'
import { createTimelines } from '../../src/store/timelines.ts'
import { createUserId, until } from '../scenario.ts'
import { createEntries, createEntry, openClient, openScripts } from './fixtures.ts'

const LIMITS = { maxLength: 1000, retentionSeconds: 3600 }
const device = { name: 'Chrome on macOS', ip: '192.0.2.7' }

async function openIndex(t: TestScope, { limits = LIMITS, url = '' } = {}) {
  const redis = await openClient(t, url === '' ? (await startRedis(t)).url : url)
  const deps = {
    timelines: createTimelines(openScripts(redis), LIMITS),
    events: createEventIndex(openScripts(redis), limits)
  }
  const record = async (userId: string, entries: Parameters<typeof deps.events.append>[1]) => {
    await deps.timelines.append(userId, entries)
    await deps.events.append(userId, entries)
  }
  return { redis, deps, record }
}

type Deps = Awaited<ReturnType<typeof openIndex>>['deps']

interface Filter {
  userId?: string
  kind?: TimelineKind
  from?: string
  to?: string
  limit?: number
}

async function listPages(deps: Deps, { userId, kind, from, to, limit = 100 }: Filter = {}) {
  const pages: PlatformEntry[][] = []
  let cursor: string | null = null
  do {
    const filter = { userId: userId ?? null, kind: kind ?? null, from: from ?? null, to: to ?? null }
    const page = await listEvents(deps, { ...filter, limit, cursor })
    if (!page.ok) throw new Error(page.code)
    pages.push(page.value.items)
    cursor = page.value.nextCursor
  } while (cursor !== null)
  return pages
}

const ids = (entries: readonly { readonly id: string }[]) => entries.map(({ id }) => id)

test('what happened to different users comes in one list, newest first, paged without gaps', async (t) => {
  const { deps, record } = await openIndex(t)
  const [one, two] = [createUserId(), createUserId()]
  const entries = createEntries(25)
  for (const [number, entry] of entries.entries()) await record(number % 3 === 0 ? one : two, [entry])
  const pages = await listPages(deps, { limit: 10 })
  t.same(
    pages.map(({ length }) => length),
    [10, 10, 5]
  )
  t.same(ids(pages.flat()), ids(entries.toReversed()))
  const ofOne = entries.filter((_, number) => number % 3 === 0).toReversed()
  t.same(ids(pages.flat().filter(({ userId }) => userId === one)), ids(ofOne))
  t.same(ids((await listPages(deps, { userId: one, limit: 4 })).flat()), ids(ofOne), 'and of one of them alone')
})

test('a kind, a user and a time narrow the list; the end is not in it', async (t) => {
  const { deps, record } = await openIndex(t)
  const [one, two] = [createUserId(), createUserId()]
  const kindOf = (number: number): TimelineKind => (number % 5 === 0 ? 'password_changed' : 'signed_in')
  const entries = createEntries(20, kindOf)
  for (const [number, entry] of entries.entries()) await record(number < 10 ? one : two, [entry])
  const pick = (...numbers: number[]) => numbers.map((number) => entries[number]?.id)
  t.same(ids((await listPages(deps, { kind: 'password_changed', limit: 3 })).flat()), pick(15, 10, 5, 0))
  t.same(ids((await listPages(deps, { kind: 'password_changed', userId: one })).flat()), pick(5, 0))
  t.same((await listPages(deps, { kind: 'user_blocked' })).flat(), [])
  const [from = '', to = ''] = [entries[4]?.occurredAt, entries[7]?.occurredAt]
  t.same(ids((await listPages(deps, { from, to, limit: 2 })).flat()), pick(6, 5, 4))
  t.same(ids((await listPages(deps, { from, to, kind: 'signed_in' })).flat()), pick(6, 4))
  t.same(ids((await listPages(deps, { from, userId: one })).flat()), pick(9, 8, 7, 6, 5, 4))
})

test('devices are kept with their user alone, and are gone with them', async (t) => {
  const { deps, record, redis } = await openIndex(t)
  const userId = createUserId()
  await record(userId, [{ ...createEntry(1), device }])
  t.match((await listPages(deps)).flat(), [{ id: 'event-000001', userId, device }])
  t.notMatch(JSON.stringify(await redis.hgetall('lk:a:{events}:entries')), device.ip)
  const shard = userId.slice(-2)
  await redis.del(`lk:a:{${shard}}:t:${userId}`, `lk:a:{${shard}}:e:${userId}`, `lk:a:{${shard}}:r:${userId}`)
  t.match((await listPages(deps)).flat(), [{ id: 'event-000001', userId, device: null }])
})

test('an entry that comes again changes nothing', async (t) => {
  const { deps, record } = await openIndex(t)
  const userId = createUserId()
  const entry = createEntry(1)
  await record(userId, [entry])
  await record(userId, [entry])
  t.same((await listPages(deps)).flat(), [{ userId, ...entry }])
})

test('the oldest entries go when there are too many, from every list', async (t) => {
  const { deps, redis } = await openIndex(t, { limits: { maxLength: 10, retentionSeconds: 3600 } })
  const userId = createUserId()
  const entries = createEntries(30, (number) => (number % 2 === 0 ? 'signed_in' : 'session_ended'))
  for (const entry of entries) await deps.events.append(userId, [entry])
  t.same(ids((await listPages(deps)).flat()), ids(entries.slice(-10).toReversed()))
  t.equal(await redis.hlen('lk:a:{events}:entries'), 10)
  t.equal(await redis.zcard('lk:a:{events}:order:signed_in'), 5)
})

test('entries older than the retention are neither kept nor shown', async (t) => {
  const { deps, redis } = await openIndex(t, { limits: { maxLength: 1000, retentionSeconds: 1 } })
  const userId = createUserId()
  await deps.events.append(userId, [createEntry(1, { occurredAtMs: Date.now() - 5000 }), createEntry(2)])
  t.same(ids((await listPages(deps)).flat()), ['event-000002'])
  await until(async () => (await redis.exists('lk:a:{events}:order', 'lk:a:{events}:entries')) === 0)
  await until(async () => (await redis.exists('lk:a:{events}:order:signed_in')) === 0)
})

test('a thousand users write at once and nothing is lost, on a Redis Cluster too', async (t) => {
  const { nodes } = await startRedisCluster(t)
  const url = nodes.map(({ host, port }) => `redis://${host}:${port}`).join(',')
  const { deps, record } = await openIndex(t, { url })
  const entries = Array.from({ length: 1000 }, (_, number) => ({ ...createEntry(number), device }))
  for (let start = 0; start < entries.length; start += 50) {
    await Promise.all(entries.slice(start, start + 50).map((entry) => record(createUserId(), [entry])))
  }
  const found = (await listPages(deps)).flat()
  t.equal(found.length, 1000)
  t.ok(found.every((entry) => entry.device?.ip === device.ip))
})
