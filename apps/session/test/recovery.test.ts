import type { Client } from '@latchkey/contracts/define'
import { sessionContract } from '@latchkey/contracts/session'
import { createClient } from '@latchkey/messaging/client'
import { startNats, startRedis } from '@latchkey/testing/stores'
import { Redis } from 'ioredis'
import { type Test, test } from 'tap'
import { build, call, connectTo, getValue, opening } from './start-app.ts'
import { until } from './until.ts'

const outcomeOf = (result: Awaited<ReturnType<Client<typeof sessionContract>['check']>>) =>
  result.ok ? 'ok' : result.code
const silent = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} }

/** The service over a Redis that keeps what it saved, and nothing of what came after. */
async function setUp(t: Test) {
  t.testdir()
  const [redis, nats] = await Promise.all([startRedis(t, { args: ['--appendonly', 'no'] }), startNats(t)])
  const app = await build(t, await connectTo(t, nats), { REDIS_URL: redis.url })
  await app.ready()
  const sessions = createClient(sessionContract, await connectTo(t, nats), silent)
  const isReady = async () => (await app.inject('/readyz')).statusCode === 200
  await until(isReady)
  const save = async () => {
    const client = new Redis(redis.url)
    await client.save()
    client.disconnect()
  }
  return { app, redis, nats, sessions, isReady, save }
}

test('a store that is restored from an older snapshot brings back no session that has ended since', async (t) => {
  const { redis, sessions, save, isReady } = await setUp(t)
  const [gone, live] = await Promise.all([1, 2].map(async () => getValue(await sessions.open(opening(), call)).session))
  if (gone === undefined || live === undefined) throw new Error('not opened')
  const check = ({ userId, id: sessionId }: typeof gone) => sessions.check({ userId, sessionId, activity: false }, call)
  await save()
  const ended = await sessions.end({ userId: gone.userId, sessionId: gone.id, reason: 'revoked_by_user' }, call)
  t.ok(ended.ok)
  await redis.kill()
  await redis.restart()

  const answers: unknown[] = []
  await until(async () => {
    const answer = await check(gone)
    answers.push(answer)
    return answer.ok || answer.code !== 'unavailable'
  })
  t.match(answers.at(-1), { ok: false, code: 'session_ended' }, 'nothing was said before that was known')
  await until(async () => (await check(live)).ok)
  await until(isReady)
})

test('a clock that is an hour ahead hides no end from a store that is restored', async (t) => {
  const { redis, sessions, save } = await setUp(t)
  const { session: gone } = getValue(await sessions.open(opening(), call))
  await save()
  t.ok((await sessions.end({ userId: gone.userId, sessionId: gone.id, reason: 'revoked_by_user' }, call)).ok)
  const { now } = Date
  t.teardown(() => {
    Date.now = now
  })
  Date.now = () => now() + 3_600_000
  await redis.kill()
  await redis.restart()
  const check = () => sessions.check({ userId: gone.userId, sessionId: gone.id, activity: false }, call)
  await until(async () => outcomeOf(await check()) !== 'unavailable')
  t.equal(outcomeOf(await check()), 'session_ended')
})

test('while the ends cannot be read the store is not asked', async (t) => {
  const { redis, nats, app, save } = await setUp(t)
  await save()
  nats.pause()
  await redis.kill()
  await redis.restart()
  await until(async () => (await app.inject('/readyz')).json().checks.store === 'failing')
  nats.resume()
  await until(async () => (await app.inject('/readyz')).statusCode === 200)
  t.pass('and is again, once they can')
})
