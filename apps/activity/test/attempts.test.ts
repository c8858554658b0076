import type { Attempt } from '@latchkey/contracts/attempts'
import { attemptsContract } from '@latchkey/contracts/attempts'
import type { ErrorCode, Result } from '@latchkey/contracts/errors'
import { createClient } from '@latchkey/messaging/client'
import { createLogger } from '@latchkey/runtime/logger'
import type { TestScope } from '@latchkey/testing/stores'
import { test } from 'tap'
import { call, createUserId, openScenario, outcomeOf, until } from './scenario.ts'

async function openAttempts(t: TestScope, environment: Readonly<Record<string, string>> = {}) {
  const scenario = await openScenario(t, environment)
  const attempts = createClient(
    attemptsContract,
    scenario.transport,
    createLogger({ service: 'test', level: 'silent' })
  )
  const take = (account: string | null, ipAddress: string, deviceId: string | null = null) =>
    attempts.take({ account, origin: { ipAddress, deviceId } }, call())
  const settle = (attempt: Attempt, outcome: 'right' | 'wrong' | 'void') =>
    attempts.settle({ attempt, outcome }, call())
  /** One attempt from beginning to end: how it was answered. */
  const fail = async (account: string | null, ipAddress: string, deviceId: string | null = null): Promise<string> => {
    const taken = await take(account, ipAddress, deviceId)
    if (taken.ok) await settle(open(taken), 'wrong')
    return outcomeOf(taken)
  }
  const readMetric = async (line: string): Promise<number> => {
    const { body } = await scenario.app.inject('/metrics')
    const found = body.split('\n').find((each) => each.startsWith(`${line}`)) ?? ''
    return Number(found.split(' ').at(-1) ?? 0)
  }
  return { ...scenario, attempts, take, settle, fail, readMetric }
}

function open(taken: Result<{ attempt: Attempt | null }, ErrorCode>): Attempt {
  if (!taken.ok || taken.value.attempt === null) throw new Error(outcomeOf(taken))
  return taken.value.attempt
}

test('an attacker who uses up what an account has keeps out neither its devices nor its addresses', async (t) => {
  const { take, settle, fail } = await openAttempts(t, { ATTEMPTS_PER_ACCOUNT: '3' })
  const account = createUserId()
  await settle(open(await take(account, '192.0.2.1', 'device-of-the-user')), 'right')
  for (let i = 0; i < 3; i += 1) t.equal(await fail(account, `198.51.100.${i}`), 'ok')
  const refused = await take(account, '198.51.100.9')
  t.match(refused, { code: 'too_many_attempts', details: { retryAfterSeconds: 30 } })
  t.equal(await fail(account, '198.51.100.10', 'another-device'), 'too_many_attempts')
  t.equal(outcomeOf(await take(account, '203.0.113.5', 'device-of-the-user')), 'ok', 'the device, wherever it is')
  t.equal(outcomeOf(await take(account, '::ffff:192.0.2.1')), 'ok', 'the address, whatever is there')
})

test('a known place has no more attempts than others have together', async (t) => {
  const { take, settle, fail } = await openAttempts(t, { ATTEMPTS_PER_ACCOUNT: '3' })
  const account = createUserId()
  await settle(open(await take(account, '192.0.2.1')), 'right')
  for (let i = 0; i < 3; i += 1) t.equal(await fail(account, '192.0.2.1'), 'ok')
  t.equal(await fail(account, '192.0.2.1'), 'too_many_attempts')
})

test('one password tried at many accounts is an alarm of its source, and of the platform', async (t) => {
  const limits = { ATTEMPTS_PER_SOURCE: '10', ATTEMPTS_ALARM: '20' }
  const { take, settle, fail, readMetric } = await openAttempts(t, limits)
  const victim = createUserId()
  await settle(open(await take(victim, '2001:db8::1', 'device-of-the-user')), 'right')
  const outcomes: string[] = []
  for (let i = 0; i < 30; i += 1) outcomes.push(await fail(createUserId(), `2001:db8::${i}`))
  t.equal(outcomes.filter((each) => each === 'ok').length, 10)
  t.equal(outcomes.lastIndexOf('ok'), 9)
  t.equal(await readMetric('latchkey_attempt_alarms_total{scope="source"'), 1)
  t.equal(await readMetric('latchkey_attempt_alarms_total{scope="platform"'), 1)
  t.equal(await readMetric('latchkey_attempts_total{outcome="refused_by_source"'), 20)

  t.equal(outcomeOf(await take(victim, '2001:db8::7')), 'too_many_attempts')
  t.equal(outcomeOf(await take(victim, '2001:db8::7', 'device-of-the-user')), 'ok')
  t.equal(await fail(createUserId(), '2001:db8:0:1::1'), 'ok', 'the neighbour has nothing to do with it')
})

test('a refused attempt at an account costs its source nothing', async (t) => {
  const { fail } = await openAttempts(t, { ATTEMPTS_PER_ACCOUNT: '2', ATTEMPTS_PER_SOURCE: '3' })
  const account = createUserId()
  for (let i = 0; i < 2; i += 1) t.equal(await fail(account, '192.0.2.1'), 'ok')
  for (let i = 0; i < 5; i += 1) t.equal(await fail(account, '192.0.2.1'), 'too_many_attempts')
  t.equal(await fail(createUserId(), '192.0.2.1'), 'ok')
})

test('without an account the source alone pays', async (t) => {
  const { fail } = await openAttempts(t, { ATTEMPTS_PER_SOURCE: '2' })
  for (let i = 0; i < 2; i += 1) t.equal(await fail(null, '192.0.2.1'), 'ok')
  t.equal(await fail(null, '192.0.2.1'), 'too_many_attempts')
  t.equal(await fail(createUserId(), '192.0.2.1'), 'ok', 'and whoever has an account may sign in there')
})

test('somebody who is signed in has attempts that nobody outside uses up', async (t) => {
  const { attempts, fail, settle } = await openAttempts(t, { ATTEMPTS_PER_ACCOUNT: '2' })
  const account = createUserId()
  for (let i = 0; i < 3; i += 1) await fail(account, '192.0.2.1')
  const takeSignedIn = () => attempts.take({ account, origin: null }, call())
  for (let i = 0; i < 2; i += 1) await settle(open(await takeSignedIn()), 'wrong')
  t.equal(outcomeOf(await takeSignedIn()), 'too_many_attempts')
})

test('20 right attempts at once all come through, however few may be judged together', async (t) => {
  const { take, settle } = await openAttempts(t, { ATTEMPTS_PER_ACCOUNT: '4' })
  const account = createUserId()
  let settled = 0
  const judge = async (): Promise<void> => {
    const taken = await take(account, '192.0.2.1')
    if (!taken.ok) throw new Error(taken.code)
    if (taken.value.attempt === null) return await judge()
    await settle(taken.value.attempt, 'right')
    settled += 1
  }
  await Promise.all(Array.from({ length: 20 }, judge))
  t.equal(settled, 20)
})

test('who waits for others to be judged is told so in time', async (t) => {
  const { take } = await openAttempts(t, { ATTEMPTS_PER_ACCOUNT: '1' })
  const account = createUserId()
  open(await take(account, '192.0.2.1'))
  t.same(await take(account, '192.0.2.1'), { ok: true, value: { attempt: null } })
})

test('being admitted settles the attempt as right, and a reset forgives all', async (t) => {
  const { client, attempts, take, fail } = await openAttempts(t, { ATTEMPTS_PER_ACCOUNT: '2' })
  const account = createUserId()
  await fail(account, '192.0.2.1')
  const attempt = open(await take(account, '192.0.2.1'))
  t.equal(outcomeOf(await client.admit({ userId: account, purpose: 'sign_in', attempt }, call())), 'ok')
  for (let i = 0; i < 2; i += 1) t.equal(await fail(account, '198.51.100.1'), 'ok')
  t.equal(await fail(account, '198.51.100.1'), 'too_many_attempts')
  t.equal(outcomeOf(await attempts.forgive({ userId: account }, call())), 'ok')
  t.equal(await fail(account, '198.51.100.1'), 'ok')
})

test('what is known of a user goes with them', async (t) => {
  const { client, redis, take, settle, fail } = await openAttempts(t)
  const account = createUserId()
  await settle(open(await take(account, '192.0.2.1', 'device-of-the-user')), 'right')
  await fail(account, '198.51.100.1')
  const listKeys = () => redis.keys(`lk:a:*${account}*`)
  t.ok((await listKeys()).length > 0)
  t.equal(outcomeOf(await client.erase({ userId: account }, call(10_000))), 'ok')
  t.equal(await fail(account, '198.51.100.1'), 'ok', 'who tries in vain is told nothing new')
  t.same(await listKeys(), [])
})

test('a store that is down is unavailable, and what was counted is there when it is back', async (t) => {
  const { server, fail } = await openAttempts(t, { ATTEMPTS_PER_ACCOUNT: '2' })
  const account = createUserId()
  for (let i = 0; i < 2; i += 1) await fail(account, '192.0.2.1')
  await server.kill()
  await until(async () => (await fail(account, '192.0.2.1')) === 'unavailable')
  await server.restart()
  await until(async () => (await fail(account, '192.0.2.1')) !== 'unavailable')
  t.equal(await fail(account, '192.0.2.1'), 'too_many_attempts')
})
