import { closeRedis, openRedis } from '@latchkey/redis/client'
import { startRedis, startRedisCluster, type TestScope } from '@latchkey/testing/stores'
import { Redis } from 'ioredis'
import { test } from 'tap'
import { createScriptRunner } from '../../src/store/run-script.ts'
import { createUserStates } from '../../src/store/user-states.ts'
import { createUserId, readClock, until } from '../scenario.ts'
import { silent } from './fixtures.ts'

const RULES = { windowMs: 60_000, blockMs: 90_000 }

async function openStates(t: TestScope, url: string) {
  const redis = openRedis({ url, commandTimeoutMs: 5000, log: silent })
  t.teardown(() => closeRedis(redis))
  await until(() => redis.status === 'ready')
  const shards: string[] = []
  const runner = createScriptRunner(redis, silent)
  const blocked: (readonly [userId: string, entryId: string])[] = []
  const states = createUserStates(runner, {
    onEvent: (shard) => shards.push(shard),
    onBlock: (...block) => blocked.push(block)
  })
  return { redis, shards, blocked, states }
}

const stateKey = (userId: string) => `lk:a:{${userId.slice(-2)}}:u:${userId}`
const outboxKey = (userId: string) => `lk:a:{${userId.slice(-2)}}:outbox`

async function openSingle(t: TestScope) {
  const { url } = await startRedis(t)
  const scenario = await openStates(t, url)
  const direct = new Redis(url)
  t.teardown(() => direct.disconnect())
  return { ...scenario, direct }
}

test('50 requests at once begin one block, with one event that tells of it', async (t) => {
  const { states, direct, shards, blocked } = await openSingle(t)
  const userId = createUserId()
  const seenMs = (await readClock(direct)) - RULES.windowMs
  await direct.hset(stateKey(userId), 'lastSeen', seenMs)
  const judgements = await Promise.all(Array.from({ length: 50 }, () => states.judge(userId, 'request', RULES, 0)))
  const ends = new Set(judgements.map((judgement) => (judgement.verdict === 'blocked' ? judgement.blockedUntilMs : 0)))
  t.equal(ends.size, 1)
  t.same(shards, [userId.slice(-2)])

  const pending = await direct.xrange(`lk:a:{${userId.slice(-2)}}:pending`, '-', '+')
  t.same(
    pending.map(([entryId]) => [userId, entryId]),
    blocked
  )
  t.same(
    pending.map(([, fields]) => JSON.parse(fields[1] ?? '')),
    [{ kind: 'user', id: userId }]
  )
  const entries = await direct.xrange(outboxKey(userId), '-', '+')
  t.equal(entries.length, 1)
  const [blockedUntilMs = 0] = ends
  const blockedAtMs = blockedUntilMs - RULES.blockMs
  t.same(JSON.parse(entries[0]?.[1][1] ?? ''), {
    id: `${userId}:blocked:${blockedAtMs}`,
    version: 1,
    name: 'userBlocked',
    userId,
    occurredAt: new Date(blockedAtMs).toISOString(),
    payload: { reason: 'inactivity', blockedUntil: new Date(blockedUntilMs).toISOString() }
  })
})

test('last-seen never moves back, however the clock may have stood', async (t) => {
  const { states, direct } = await openSingle(t)
  const userId = createUserId()
  const ahead = (await readClock(direct)) + 30_000
  await direct.hset(stateKey(userId), 'lastSeen', ahead)
  t.match(await states.judge(userId, 'request', RULES, 0), { verdict: 'admitted', lastSeenMs: ahead })
  await states.moveLastSeen(userId, ahead - 10_000)
  t.equal(await direct.hget(stateKey(userId), 'lastSeen'), String(ahead))
})

test('a time from elsewhere moves last-seen forward, but not past the clock of the store', async (t) => {
  const { states, direct } = await openSingle(t)
  const userId = createUserId()
  await states.moveLastSeen(userId, Date.now() + 3_600_000)
  const lastSeen = Number(await direct.hget(stateKey(userId), 'lastSeen'))
  t.ok(lastSeen <= (await readClock(direct)))
  t.ok((await direct.pttl(stateKey(userId))) > 0)
})

test('an activity of a while ago moves last-seen forward, never back', async (t) => {
  const { states, direct } = await openSingle(t)
  const userId = createUserId()
  const before = await readClock(direct)
  await direct.hset(stateKey(userId), 'lastSeen', before - 5000)
  await states.touch([{ userId, ageMs: 1000 }])
  const lastSeen = Number(await direct.hget(stateKey(userId), 'lastSeen'))
  t.ok(lastSeen >= before - 1000 && lastSeen <= (await readClock(direct)) - 1000)
  await states.touch([{ userId, ageMs: 3000 }])
  t.equal(Number(await direct.hget(stateKey(userId), 'lastSeen')), lastSeen)
})

test('the window is the one configured now, not the one a user began with', async (t) => {
  const { states, direct } = await openSingle(t)
  const userId = createUserId()
  await direct.hset(stateKey(userId), 'lastSeen', (await readClock(direct)) - 5000)
  t.match(await states.judge(userId, 'background', RULES, 0), { verdict: 'admitted' })
  t.match(await states.judge(userId, 'request', { windowMs: 1000, blockMs: 1000 }, 0), { verdict: 'blocked' })
})

test('nobody is blocked for a silence in which they may have gone unheard', async (t) => {
  const { states, direct } = await openSingle(t)
  const userId = createUserId()
  const now = await readClock(direct)
  const seenMs = now - 2 * RULES.windowMs
  await direct.hset(stateKey(userId), 'lastSeen', seenMs)
  const judge = (heardSinceMs: number) => states.judge(userId, 'background', RULES, heardSinceMs)
  t.match(await judge(now - 10), { verdict: 'admitted', windowStartMs: now - 10, lastSeenMs: seenMs })
  t.match(await judge(Number.POSITIVE_INFINITY), { verdict: 'admitted', windowStartMs: Number })
  t.match(await states.judge(userId, 'request', RULES, seenMs + 1), { verdict: 'blocked', reason: 'inactivity' })

  const active = createUserId()
  await direct.hset(stateKey(active), 'lastSeen', seenMs)
  t.match(await states.judge(active, 'request', RULES, now - 10), { verdict: 'admitted' })
})

test('what runs in the background writes nothing', async (t) => {
  const { states, direct } = await openSingle(t)
  const userId = createUserId()
  t.match(await states.judge(userId, 'background', RULES, 0), { verdict: 'admitted', lastSeenMs: undefined })
  t.equal(await direct.exists(stateKey(userId)), 0)
})

test('a command that the server refuses by mistake of ours is not taken for an outage', async (t) => {
  const { states, direct } = await openSingle(t)
  const userId = createUserId()
  await direct.set(stateKey(userId), 'not a hash')
  await t.rejects(states.judge(userId, 'request', RULES, 0), { name: 'ReplyError' })
})

test('a server out of memory is unavailable', async (t) => {
  const { states, direct } = await openSingle(t)
  await direct.config('SET', 'maxmemory', '1')
  await t.rejects(states.judge(createUserId(), 'request', RULES, 0), { name: 'StoreUnavailable' })
})

test('users are judged on a Redis Cluster', async (t) => {
  const { nodes } = await startRedisCluster(t)
  const { states } = await openStates(t, nodes.map(({ host, port }) => `redis://${host}:${port}`).join(','))
  const userIds = Array.from({ length: 30 }, createUserId)
  const judgements = await Promise.all(userIds.map((userId) => states.judge(userId, 'request', RULES, 0)))
  t.ok(judgements.every(({ verdict }) => verdict === 'admitted'))
})
