import type { Client } from '@latchkey/contracts/define'
import { sessionContract } from '@latchkey/contracts/session'
import { createClient } from '@latchkey/messaging/client'
import { decode, encode } from '@latchkey/messaging/codec'
import { EVENT_STREAM } from '@latchkey/messaging/events'
import type { Transport } from '@latchkey/messaging/transport'
import { startNats, startRedis } from '@latchkey/testing/stores'
import { Redis } from 'ioredis'
import { type Test, test } from 'tap'
import { shardOf } from '../src/domain/references.ts'
import { outboxKeyOf } from '../src/store/keys.ts'
import { build, call, connectTo, getValue, opening } from './start-app.ts'
import { until } from './until.ts'

const outcomeOf = (result: Awaited<ReturnType<Client<typeof sessionContract>['check']>>) =>
  result.ok ? 'ok' : result.code
/** Longer than it takes to lose a store and to have it back. */
const patient = { ...call, timeoutMs: 10_000 }
const silent = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} }

/** The service over a Redis that keeps what it saved, and nothing of what came after. */
async function setUp(t: Test) {
  t.testdir()
  const [redis, nats] = await Promise.all([startRedis(t, { args: ['--appendonly', 'no'] }), startNats(t)])
  const app = await build(t, await connectTo(t, nats), { REDIS_URL: redis.url })
  await app.ready()
  const transport = await connectTo(t, nats)
  const sessions = createClient(sessionContract, transport, silent)
  const isReady = async () => (await app.inject('/readyz')).statusCode === 200
  await until(isReady)
  const save = async () => {
    const client = new Redis(redis.url)
    await client.save()
    client.disconnect()
  }
  /** How many events of the user's shard have not left. */
  const countWaiting = async (userId: string) => {
    const client = new Redis(redis.url)
    const count = await client.xlen(outboxKeyOf(shardOf(userId)))
    client.disconnect()
    return count
  }
  return { app, redis, nats, transport, sessions, isReady, save, countWaiting }
}

/** Has the event stream take nothing more, or anything again; what it has can be read all the time. */
async function setFull(transport: Transport, isFull: boolean): Promise<void> {
  const ask = async (verb: string, message: object) =>
    decode(
      (await transport.request(`$JS.API.STREAM.${verb}.${EVENT_STREAM}`, { data: encode(message), headers: {} }, 2000))
        .data
    ) as { config: object; state: { messages: number }; error?: object }
  const { config, state } = await ask('INFO', {})
  const { error } = await ask('UPDATE', { ...config, discard: 'new', max_msgs: isFull ? state.messages : -1 })
  if (error !== undefined) throw new Error(JSON.stringify(error))
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

test('an end whose event was lost with the store is not answered with success, of one session or of all', async (t) => {
  const { redis, sessions, transport, save, isReady, countWaiting } = await setUp(t)
  const [one, all] = await Promise.all([1, 2].map(async () => getValue(await sessions.open(opening(), call)).session))
  if (one === undefined || all === undefined) throw new Error('not opened')
  const end = () => sessions.end({ userId: one.userId, sessionId: one.id, reason: 'revoked_by_user' }, patient)
  const endAll = () =>
    sessions.endAll(
      { userId: all.userId, exceptSessionId: null, epoch: null, reason: 'revoked_by_user' } as const,
      patient
    )
  const count = async () => (await countWaiting(one.userId)) + (await countWaiting(all.userId))
  const check = ({ userId, id: sessionId }: typeof one) => sessions.check({ userId, sessionId, activity: false }, call)
  await until(async () => (await count()) === 0)
  await save()
  await setFull(transport, true)
  const ending = [end(), endAll()]
  await until(async () => (await count()) >= 2)
  await redis.kill()
  await redis.restart()
  await setFull(transport, false)
  for (const answer of await Promise.all(ending)) t.match(answer, { ok: false, code: 'unavailable' })

  await until(isReady)
  for (const session of [one, all]) t.equal(outcomeOf(await check(session)), 'ok', 'nobody knows of its end any more')
  for (const answer of [await end(), await endAll()]) t.ok(answer.ok)
  for (const session of [one, all]) t.equal(outcomeOf(await check(session)), 'session_ended')
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
