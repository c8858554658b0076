import { randomUUID } from 'node:crypto'
import { startRedis, startRedisCluster } from '@latchkey/testing/stores'
import { t as root, test } from 'tap'
import type { Taken } from '../../src/domain/attempt-ports.ts'
import { createAttemptStore } from '../../src/store/attempts.ts'
import { attemptKeys } from '../../src/store/keys.ts'
import { createUserId, openRedis, readClock } from '../scenario.ts'
import { openClient, openScripts } from './fixtures.ts'

const LIMITS = { perAccount: 30, perSource: 150, sourceWindowSeconds: 900, delaySeconds: 30, longestDelaySeconds: 3600 }
const ANYWHERE = { places: [], otherwise: 'others' }
const HOUR_MS = 3_600_000

const { url } = await startRedis(root)
const redis = openRedis(root, url)
const attempts = createAttemptStore(openScripts(await openClient(root, url)), LIMITS)

const settle = (account: string, outcome: 'right' | 'wrong' | 'void', budget = 'others', places: string[] = []) =>
  attempts.settleInAccount(account, { budget, places, outcome })
/** Puts a budget where it would come to with time alone. */
const putBudget = (account: string, text: string) => redis.hset(attemptKeys.account(account)[0], 'bothers', text)

function count(all: readonly Taken[]): Record<string, number> {
  const kinds = Map.groupBy(all, ({ kind }) => kind)
  return Object.fromEntries([...kinds].map(([kind, each]) => [kind, each.length]))
}

async function takeMany(account: string, times: number): Promise<Taken[]> {
  return await Promise.all(Array.from({ length: times }, () => attempts.takeFromAccount(account, ANYWHERE)))
}

test('of 200 attempts at once as many are let through as there are, and not one more once they were wrong', async (t) => {
  const account = createUserId()
  t.same(count(await takeMany(account, 200)), { taken: 30, busy: 170 })
  const reached = await Promise.all(Array.from({ length: 30 }, () => settle(account, 'wrong')))
  t.equal(reached.filter((reachedNow) => reachedNow).length, 1, 'one of them is the one that reached the limit')
  t.same(count(await takeMany(account, 200)), { refused: 200 })
})

test('attempts that are right let all that wait come next, and the budget begin anew', async (t) => {
  const account = createUserId()
  await putBudget(account, '29 0 0 0')
  t.same(count(await takeMany(account, 20)), { taken: 1, busy: 19 })
  await settle(account, 'right')
  t.same(count(await takeMany(account, 30)), { taken: 30 })
})

test('what was not judged counts for nothing, and leaves nothing behind', async (t) => {
  const account = createUserId()
  await takeMany(account, 2)
  await settle(account, 'void')
  await settle(account, 'void')
  t.equal(await redis.exists(attemptKeys.account(account)[0]), 0)
})

for (const [failed, seconds] of [
  [29, 30],
  [30, 60],
  [35, 1920],
  [36, 3600],
  [98, 3600]
] as const) {
  test(`wrong attempt ${failed + 1} in a row costs ${seconds} s`, async (t) => {
    const account = createUserId()
    await putBudget(account, `${failed} 0 0 0`)
    t.match(await attempts.takeFromAccount(account, ANYWHERE), { kind: 'taken' })
    await settle(account, 'wrong')
    const refused = await attempts.takeFromAccount(account, ANYWHERE)
    const ms = refused.kind === 'refused' ? refused.retryAfterMs : 0
    t.ok(ms > seconds * 1000 - 10_000 && ms <= seconds * 1000, `${ms} ms`)
  })
}

test('past the limit one at a time is let through', async (t) => {
  const account = createUserId()
  await putBudget(account, '40 0 0 0')
  t.same(count(await takeMany(account, 5)), { taken: 1, busy: 4 })
})

test('after the hundredth in a row nothing is let through, until somebody has proved in another way who they are', async (t) => {
  const account = createUserId()
  await putBudget(account, '99 0 0 0')
  await takeMany(account, 1)
  await settle(account, 'wrong')
  await putBudget(account, '100 0 0 0')
  t.match(await attempts.takeFromAccount(account, ANYWHERE), { kind: 'refused', retryAfterMs: HOUR_MS })
  await attempts.forgive(account)
  t.match(await attempts.takeFromAccount(account, ANYWHERE), { kind: 'taken' })
})

test('an attempt whose end nobody tells counts as wrong, from when it was overdue', async (t) => {
  const account = createUserId()
  const now = await readClock(redis)
  await putBudget(account, `29 1 ${now - 1000} 0`)
  const refused = await attempts.takeFromAccount(account, ANYWHERE)
  t.ok(refused.kind === 'refused' && refused.retryAfterMs <= 29_000)
  await putBudget(account, `29 1 ${now - 31_000} 0`)
  t.match(await attempts.takeFromAccount(account, ANYWHERE), { kind: 'taken' }, 'its time is over by now')
})

test('where a secret was right before there is a budget that nobody else uses up', async (t) => {
  const account = createUserId()
  const question = { places: ['device:a', 'source:b'], otherwise: 'others' }
  t.same(await attempts.takeFromAccount(account, question), { kind: 'taken', budget: 'others' })
  await settle(account, 'right', 'others', question.places)
  await putBudget(account, `30 0 0 ${(await readClock(redis)) + 30_000}`)
  t.match(await attempts.takeFromAccount(account, ANYWHERE), { kind: 'refused' })
  t.same(await attempts.takeFromAccount(account, question), { kind: 'taken', budget: 'device:a' })
  t.same(await attempts.takeFromAccount(account, { ...question, places: ['source:b'] }), {
    kind: 'taken',
    budget: 'source:b'
  })
  t.same(await attempts.takeFromAccount(account, { places: ['device:c'], otherwise: undefined }), { kind: 'unknown' })
  await settle(account, 'right', 'device:a', question.places)
  t.match(await attempts.takeFromAccount(account, ANYWHERE), { kind: 'refused' }, 'its user buys the others nothing')
})

test('an account remembers the latest few places', async (t) => {
  const account = createUserId()
  for (let i = 0; i < 30; i += 1) await settle(account, 'right', 'others', [`device:${i}`])
  const fields = await redis.hkeys(attemptKeys.account(account)[0])
  t.ok(fields.length <= 16 && fields.includes('kdevice:29'))
  t.ok((await redis.pttl(attemptKeys.account(account)[0])) > 24 * HOUR_MS)
})

test('a source pays for what was wrong, whatever else was right, until its time is over', async (t) => {
  const source = randomUUID()
  const takeAll = (times: number) =>
    Promise.all(Array.from({ length: times }, () => attempts.takeFromSource(source, 'secrets')))
  t.same(count(await takeAll(151)), { taken: 150, busy: 1 })
  for (let i = 0; i < 100; i += 1) await attempts.settleInSource(source, 'secrets', 'wrong')
  for (let i = 0; i < 50; i += 1) await attempts.settleInSource(source, 'secrets', 'right')
  t.same(count(await takeAll(51)), { taken: 50, busy: 1 })
  for (let i = 0; i < 50; i += 1) await attempts.settleInSource(source, 'secrets', 'wrong')
  t.match(await attempts.takeFromSource(source, 'secrets'), { kind: 'refused' })
  const left = await redis.pttl(attemptKeys.source(source))
  t.ok(left > 0 && left <= LIMITS.sourceWindowSeconds * 1000, 'later attempts do not prolong it')
})

test('of a deleted user nothing is kept, and a guess at them is judged like any other', async (t) => {
  const account = createUserId()
  const [key, mark] = attemptKeys.account(account)
  await redis.set(mark, '1')
  t.match(await attempts.takeFromAccount(account, ANYWHERE), { kind: 'taken' })
  await settle(account, 'right', 'others', ['device:a'])
  t.equal(await redis.exists(key), 0)
})

test('failures are counted all together', async (t) => {
  const counts = await Promise.all(Array.from({ length: 20 }, () => attempts.countFailure()))
  t.equal(Math.max(...counts) - Math.min(...counts), 19)
  t.ok((await redis.pttl(attemptKeys.failures)) > 0)
})

test('attempts are counted on a Redis Cluster', async (t) => {
  const { nodes } = await startRedisCluster(t)
  const cluster = await openClient(t, nodes.map(({ host, port }) => `redis://${host}:${port}`).join(','))
  const spread = createAttemptStore(openScripts(cluster), LIMITS)
  const outcomes = await Promise.all(
    Array.from({ length: 30 }, createUserId).map(async (account) => {
      const taken = await spread.takeFromAccount(account, ANYWHERE)
      await spread.settleInAccount(account, { budget: 'others', places: ['device:a'], outcome: 'right' })
      const fromSource = await spread.takeFromSource(account, 'secrets')
      await spread.settleInSource(account, 'secrets', 'wrong')
      await spread.forgive(account)
      return [taken.kind, fromSource.kind]
    })
  )
  t.ok(outcomes.flat().every((kind) => kind === 'taken'))
  t.equal(await spread.countFailure(), 1)
})
