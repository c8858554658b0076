import type { Handlers } from '@latchkey/contracts/define'
import { fail, ok } from '@latchkey/contracts/errors'
import { type VerdictItem, verdictContract } from '@latchkey/contracts/verdict'
import { serve } from '@latchkey/messaging/server'
import type { Transport } from '@latchkey/messaging/transport'
import type { TestScope } from '@latchkey/testing/stores'
import { createTouchPublisher } from '@latchkey/verdicts/touches'
import { test } from 'tap'
import { call, createUserId, openScenario, outcomeOf, SESSION_ID, until, untilClock } from './scenario.ts'

const silent = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} }

/** Hears announcements as the session service does, and answers them once it is let. */
async function serveAuthority(t: TestScope, transport: Transport) {
  const announced: VerdictItem[] = []
  const answering = Promise.withResolvers<void>()
  const handlers: Handlers<typeof verdictContract> = {
    renew: async () => fail('unavailable'),
    leave: async () => ok({}),
    announce: async ({ items }) => {
      announced.push(...items)
      await answering.promise
      return ok({})
    }
  }
  const subscription = serve(verdictContract, handlers, { transport, queue: 'session', log: silent })
  t.teardown(async () => {
    answering.resolve()
    await subscription.drain()
  })
  await transport.flush(1000)
  return { announced, letAnswer: () => answering.resolve() }
}

const pendingKey = (userId: string) => `lk:a:{${userId.slice(-2)}}:pending`

async function openInactivity(t: TestScope) {
  const scenario = await openScenario(t, { USER_ACTIVITY_EXPIRATION: '1', USER_BLOCKING: '1' })
  /** A user whose window is over. */
  const createIdler = async (): Promise<string> => {
    const userId = createUserId()
    const admitted = await scenario.admit(userId)
    if (!admitted.ok) throw new Error(admitted.code)
    await untilClock(scenario.redis, admitted.value.activeUntil)
    return userId
  }
  return { ...scenario, createIdler }
}

test('a block that begins is announced, and nobody who is refused waits for that', async (t) => {
  const { transport, admit, redis, createIdler } = await openInactivity(t)
  const { announced, letAnswer } = await serveAuthority(t, transport)
  const userId = await createIdler()
  t.equal(outcomeOf(await admit(userId)), 'user_blocked')
  t.equal(outcomeOf(await admit(userId)), 'user_blocked')
  await until(() => announced.length > 0)
  t.equal(await redis.xlen(pendingKey(userId)), 1)
  t.match(announced[0], { kind: 'user', id: userId })
  letAnswer()
  await until(async () => (await redis.xlen(pendingKey(userId))) === 0)
})

test('a block that could not be announced is announced once somebody hears it', async (t) => {
  const { transport, admit, redis, createIdler } = await openInactivity(t)
  const userId = await createIdler()
  t.equal(outcomeOf(await admit(userId)), 'user_blocked')
  t.equal(await redis.xlen(pendingKey(userId)), 1)
  const { announced, letAnswer } = await serveAuthority(t, transport)
  letAnswer()
  await until(async () => (await redis.xlen(pendingKey(userId))) === 0)
  t.match(announced, [{ kind: 'user', id: userId }])
})

test('activity that others admitted by what they know moves the window', async (t) => {
  const { transport, client, admit } = await openScenario(t, { USER_ACTIVITY_EXPIRATION: '60' })
  const [userId, other] = [createUserId(), createUserId()]
  const admitted = await admit(userId)
  const publish = createTouchPublisher(transport)
  await until(async () => {
    await publish([
      { sessionId: SESSION_ID, userId, ageMs: 0 },
      { sessionId: SESSION_ID, userId, ageMs: 5000 },
      { sessionId: SESSION_ID, userId: other, ageMs: 10 }
    ])
    const status = await client.getStatus({ userId }, call())
    return admitted.ok && status.ok && (status.value.activeUntil ?? '') > (admitted.value.activeUntil ?? '')
  })
  await until(async () => {
    const status = await client.getStatus({ userId: other }, call())
    return status.ok && status.value.activeUntil !== null
  })
  t.pass('both windows run from the latest activity')
})

test('an admission tells for how long it holds, in durations', async (t) => {
  const { admit } = await openScenario(t, { USER_ACTIVITY_EXPIRATION: '60' })
  const userId = createUserId()
  t.match(await admit(userId, 'background'), { ok: true, value: { activeForMs: null, windowMs: 60_000 } })
  t.match(await admit(userId), { ok: true, value: { activeForMs: 60_000, windowMs: 60_000 } })
})

test('an admission holds without end where inactivity blocks nobody', async (t) => {
  const { admit } = await openScenario(t)
  t.match(await admit(createUserId()), { ok: true, value: { activeForMs: null, windowMs: null } })
})
