import type { activityContract } from '@latchkey/contracts/activity'
import type { Client } from '@latchkey/contracts/define'
import { test } from 'tap'
import { call, createUserId, openScenario, outcomeOf, until, untilClock } from './scenario.ts'

async function getStatus(client: Client<typeof activityContract>, userId: string) {
  const result = await client.getStatus({ userId }, call())
  if (!result.ok) throw new Error(result.code)
  return result.value
}

/** When the block ends that an answer tells of. */
function endOf(answer: Awaited<ReturnType<Client<typeof activityContract>['admit']>>): string | null | undefined {
  return !answer.ok && answer.code === 'user_blocked' ? answer.details.blockedUntil : undefined
}

test('a user nobody has heard of is admitted, and the window starts', async (t) => {
  const { client, admit } = await openScenario(t, { USER_ACTIVITY_EXPIRATION: '60' })
  const userId = createUserId()
  t.same(await getStatus(client, userId), {
    state: 'active',
    lastActiveAt: null,
    activeUntil: null,
    blockedUntil: null,
    reason: null
  })
  const admitted = await admit(userId)
  if (!admitted.ok) throw new Error(admitted.code)
  const { lastActiveAt, activeUntil } = admitted.value
  t.equal(Date.parse(activeUntil ?? '') - Date.parse(lastActiveAt ?? ''), 60_000)
  t.same(await getStatus(client, userId), {
    state: 'active',
    lastActiveAt,
    activeUntil,
    blockedUntil: null,
    reason: null
  })
})

test('with inactivity blocking off nobody is blocked and no window ends', async (t) => {
  const { admit } = await openScenario(t)
  const userId = createUserId()
  t.match(await admit(userId), { ok: true, value: { activeUntil: null } })
  t.equal(outcomeOf(await admit(userId)), 'ok')
})

test('requests inside the window move it on', async (t) => {
  const { admit, redis } = await openScenario(t, { USER_ACTIVITY_EXPIRATION: '1' })
  const userId = createUserId()
  const first = await admit(userId, 'sign_in')
  if (!first.ok) throw new Error(first.code)
  const firstEnd = first.value.activeUntil
  // Far more requests than one window lasts.
  await until(async () => {
    const result = await admit(userId)
    if (!result.ok) throw new Error(result.code)
    return Date.parse(result.value.lastActiveAt ?? '') > Date.parse(firstEnd ?? '') + 500
  })
  await untilClock(redis, firstEnd)
  t.equal(outcomeOf(await admit(userId)), 'ok')
})

test('the first request after the window begins one block, which further requests do not prolong', async (t) => {
  const { client, admit, redis } = await openScenario(t, { USER_ACTIVITY_EXPIRATION: '1', USER_BLOCKING: '0.03' })
  const userId = createUserId()
  await admit(userId, 'sign_in')
  const { activeUntil } = await getStatus(client, userId)
  await untilClock(redis, activeUntil)
  t.match(await getStatus(client, userId), { state: 'active', activeUntil }, 'time alone begins no block')
  t.equal(outcomeOf(await admit(userId, 'background')), 'ok', 'what runs in the background begins none')

  const refusals = await Promise.all(Array.from({ length: 50 }, () => admit(userId)))
  const [first] = refusals
  t.match(first, { ok: false, code: 'user_blocked', details: { reason: 'inactivity' } })
  const ends = new Set(refusals.map(endOf))
  t.equal(ends.size, 1, 'all 50 are told of the same block')

  const { blockedUntil } = await getStatus(client, userId)
  t.ok(ends.has(blockedUntil ?? undefined))
  t.match(await getStatus(client, userId), { state: 'blocked', activeUntil: null, reason: 'inactivity' })
  await until(async () => {
    const refused = await admit(userId)
    ends.add(endOf(refused))
    return refused.ok
  })
  t.same([...ends], [blockedUntil, undefined], 'no later request has moved the end')
  await untilClock(redis, blockedUntil)
  t.match(await getStatus(client, userId), { state: 'active', blockedUntil: null, reason: null })
  t.match(await getStatus(client, userId), { activeUntil: /Z$/ }, 'the request that came after it started a window')
})

test('a block says how long to wait, in whole seconds and at least one', async (t) => {
  const { client, admit, redis } = await openScenario(t, { USER_ACTIVITY_EXPIRATION: '1', USER_BLOCKING: '0.02' })
  const userId = createUserId()
  await admit(userId, 'sign_in')
  await untilClock(redis, (await getStatus(client, userId)).activeUntil)
  const waits = new Set<number>()
  await until(async () => {
    const refused = await admit(userId)
    if (refused.ok) return true
    if (refused.code === 'user_blocked') waits.add(refused.details.retryAfterSeconds ?? 0)
    return false
  })
  t.same([...waits], [2, 1])
})

test('a user who was gone long is blocked at the next request, but not after signing in', async (t) => {
  const { client, admit, redis } = await openScenario(t, { USER_ACTIVITY_EXPIRATION: '1' })
  const [gone, signedIn] = [createUserId(), createUserId()]
  await Promise.all([admit(gone), admit(signedIn)])
  await untilClock(redis, (await getStatus(client, gone)).activeUntil)
  await untilClock(redis, (await getStatus(client, signedIn)).activeUntil)
  t.equal(outcomeOf(await admit(signedIn, 'sign_in')), 'ok')
  t.equal(outcomeOf(await admit(signedIn)), 'ok')
  t.equal(outcomeOf(await admit(gone)), 'user_blocked')
  t.equal(outcomeOf(await admit(gone, 'sign_in')), 'user_blocked', 'a sign-in does not lift a block')
  t.equal(outcomeOf(await admit(gone, 'background')), 'user_blocked')
})

test('after a block a user may stay away and is admitted all the same', async (t) => {
  const { client, admit, redis } = await openScenario(t, { USER_ACTIVITY_EXPIRATION: '1', USER_BLOCKING: '0.005' })
  const userId = createUserId()
  await admit(userId)
  await untilClock(redis, (await getStatus(client, userId)).activeUntil)
  const refused = await admit(userId)
  if (refused.ok || refused.code !== 'user_blocked') throw new Error('not blocked')
  const blockedUntilMs = Date.parse(refused.details.blockedUntil ?? '')
  await untilClock(redis, new Date(blockedUntilMs + 1100).toISOString())
  t.match(await getStatus(client, userId), { state: 'active', activeUntil: null })
  t.equal(outcomeOf(await admit(userId)), 'ok')
})

test('the state of users outlives windows and blocks, and not for ever', async (t) => {
  const { admit, redis } = await openScenario(t, { USER_ACTIVITY_EXPIRATION: '31536000' })
  const userId = createUserId()
  await admit(userId)
  const [key = ''] = await redis.keys(`*${userId}`)
  const remainingMs = await redis.pttl(key)
  t.ok(remainingMs > 31_536_000_000, 'longer than the window')
})

test('last-seen survives a restart of Redis', async (t) => {
  const { client, admit, server, redis } = await openScenario(t, { USER_ACTIVITY_EXPIRATION: '60' })
  const userId = createUserId()
  await admit(userId)
  const before = await getStatus(client, userId)
  await server.restart()
  await until(() => redis.status === 'ready')
  await until(async () => (await client.getStatus({ userId }, call())).ok)
  t.same(await getStatus(client, userId), before)
})

test('an unreadable request is refused', async (t) => {
  const { client } = await openScenario(t)
  t.equal(outcomeOf(await client.getStatus({ userId: 'nobody' }, call())), 'invalid_request')
})
