import { closeRedis, openRedis } from '@latchkey/redis/client'
import { startRedis, startRedisCluster, type TestScope } from '@latchkey/testing/stores'
import { test } from 'tap'
import type { ActivityCounts, Purpose } from '../../src/domain/ports.ts'
import { createActivityCounts } from '../../src/store/activity-counts.ts'
import { createScriptRunner } from '../../src/store/run-script.ts'
import { createTimelines } from '../../src/store/timelines.ts'
import { createUserStates } from '../../src/store/user-states.ts'
import { createUserId, until } from '../scenario.ts'
import { silent } from './fixtures.ts'

const RULES = { windowMs: 0, blockMs: 0 }
const MINUTE_MS = 60_000

async function openStores(t: TestScope, url: string) {
  const redis = openRedis({ url, commandTimeoutMs: 5000, log: silent })
  t.teardown(() => closeRedis(redis))
  await until(() => redis.status === 'ready')
  const runner = createScriptRunner(redis, silent)
  const states = createUserStates(runner, { onEvent: () => {}, onBlock: () => {} })
  return {
    redis,
    counts: createActivityCounts(runner),
    states,
    judge: (userId: string, purpose: Purpose) => states.judge(userId, purpose, RULES, 0),
    timelines: createTimelines(runner, { maxLength: 100, retentionSeconds: 3600 })
  }
}

type Read = Awaited<ReturnType<ActivityCounts['read']>>

/** Of the last hour together. */
function sum({ minute, ...counts }: Read, kind: 'active' | 'lastActive' | 'failures' | 'blocked'): number {
  return Array.from({ length: 60 }, (_, i) => counts[kind](minute - i)).reduce((total, count) => total + count, 0)
}

async function startCluster(t: TestScope) {
  const { nodes } = await startRedisCluster(t)
  return nodes.map(({ host, port }) => `redis://${host}:${port}`).join(',')
}

const stores = { 'one Redis': async (t: TestScope) => (await startRedis(t)).url, 'a Redis Cluster': startCluster }

for (const [name, start] of Object.entries(stores)) {
  test(`counts in ${name}`, async (t) => {
    const { redis, counts, states, timelines, judge } = await openStores(t, await start(t))

    await t.test('users who do something are counted once a minute, and once in an hour', async (t) => {
      const users = Array.from({ length: 20 }, createUserId)
      const { minute } = await counts.read()
      const start = minute * MINUTE_MS
      await Promise.all(users.map((userId) => states.moveLastSeen(userId, start - 5 * MINUTE_MS)))
      await Promise.all(users.map((userId) => states.moveLastSeen(userId, start - 5 * MINUTE_MS + 1)))
      await Promise.all(users.map((userId) => states.moveLastSeen(userId, start - 7 * MINUTE_MS)))
      const before = await counts.read()
      t.equal(before.active(minute - 5), 20)
      t.equal(before.active(minute - 7), 0, 'never back')

      const judging = users.flatMap((userId) => Array.from({ length: 5 }, () => judge(userId, 'request')))
      await Promise.all([...judging, ...users.map((userId) => states.touch([{ userId, ageMs: 0 }]))])
      await Promise.all(users.map((userId) => judge(userId, 'background')))
      const after = await counts.read()
      t.equal(after.active(minute - 5), 20)
      const active = after.active(minute) + after.active(minute + 1)
      t.ok(active >= 20 && active <= 40, `${active}: where a minute ends meanwhile some are active in both`)
      t.equal(sum(after, 'lastActive'), 20)
    })

    await t.test('a background look is no activity', async (t) => {
      const before = sum(await counts.read(), 'lastActive')
      await judge(createUserId(), 'background')
      t.equal(sum(await counts.read(), 'lastActive'), before)
    })

    await t.test(
      'failures and blocks are counted once, where they happened, if that is not too long ago',
      async (t) => {
        const userId = createUserId()
        const { minute } = await counts.read()
        const append = (id: string, kind: 'sign_in_failed' | 'user_blocked' | 'signed_in', ofMinute: number) =>
          timelines.append(userId, [
            {
              id,
              kind,
              occurredAt: new Date(ofMinute * MINUTE_MS).toISOString(),
              sessionId: null,
              device: null,
              reason: null,
              fields: []
            }
          ])
        await append('first', 'sign_in_failed', minute - 3)
        await append('first', 'sign_in_failed', minute - 3)
        await append('second', 'sign_in_failed', minute - 3)
        await append('third', 'signed_in', minute - 3)
        await append('fourth', 'user_blocked', minute - 2)
        await append('too old', 'sign_in_failed', minute - 61)
        const read = await counts.read()
        t.equal(read.failures(minute - 3), 2)
        t.equal(read.blocked(minute - 2), 1)
        t.equal(sum(read, 'failures'), 2)
        t.equal(read.failures(minute - 61), 0)
      }
    )

    await t.test('what is older than an hour does not stay', async (t) => {
      const userId = createUserId()
      const key = `lk:a:{${userId.slice(-2)}}:minutes`
      const { minute } = await counts.read()
      await redis.hset(key, `f${minute - 60}`, 7, `u${minute - 100}`, 7)
      await judge(userId, 'request')
      const fields = await redis.hkeys(key)
      t.notOk(fields.includes(`f${minute - 60}`))
      t.notOk(fields.includes(`u${minute - 100}`))
      t.ok((await redis.pttl(key)) > 0)
    })
  })
}
