import { ensureEventStream, storeEvent } from '@latchkey/messaging/events'
import { test } from 'tap'
import { call, createEvent, createUserId, openScenario, outcomeOf, until, untilClock } from './scenario.ts'

const actor = { kind: 'admin', id: createUserId() } as const
const HOUR_MS = 3_600_000

async function openWithEvents(...args: Parameters<typeof openScenario>) {
  const scenario = await openScenario(...args)
  const { client, transport } = scenario
  await ensureEventStream(transport)
  const getStatus = async (userId: string) => {
    const status = await client.getStatus({ userId }, call())
    if (!status.ok) throw new Error(status.code)
    return status.value
  }
  const tell = (...event: Parameters<typeof createEvent>) => storeEvent(transport, createEvent(...event))
  return { ...scenario, getStatus, tell }
}

test('a block by an admin shows in how the user stands, until it is lifted or over', async (t) => {
  const { getStatus, tell } = await openWithEvents(t)
  const userId = createUserId()
  const start = Date.now()
  const at = (ms: number) => ({ occurredAtMs: start + ms })
  await tell('userBlocked', userId, { reason: 'admin', blockedUntil: null, actor }, at(0))
  await until(async () => (await getStatus(userId)).state === 'blocked')
  t.match(await getStatus(userId), { reason: 'admin', blockedUntil: null, activeUntil: null })

  const blockedUntil = new Date(start + HOUR_MS).toISOString()
  await tell('userBlocked', userId, { reason: 'admin', blockedUntil, actor }, at(1))
  await until(async () => (await getStatus(userId)).blockedUntil === blockedUntil)
  await tell('userUnblocked', userId, { actor }, at(2))
  await until(async () => (await getStatus(userId)).state === 'active')

  await tell('userBlocked', userId, { reason: 'admin', blockedUntil: null, actor }, at(1))
  await tell('userBlocked', userId, { reason: 'admin', blockedUntil, actor }, at(3))
  await until(async () => (await getStatus(userId)).state === 'blocked')
  t.match(await getStatus(userId), { blockedUntil }, 'a decision that comes late changes nothing')
})

test('what an admin has decided refuses nobody here, and its time is no inactivity', async (t) => {
  const { admit, tell, redis, getStatus } = await openWithEvents(t, { USER_ACTIVITY_EXPIRATION: '2' })
  const [blocked, idle] = [createUserId(), createUserId()]
  await admit(idle)
  const admitted = await admit(blocked)
  await tell('userBlocked', blocked, { reason: 'admin', blockedUntil: null, actor })
  await until(async () => (await getStatus(blocked)).state === 'blocked')
  await untilClock(redis, admitted.ok ? admitted.value.activeUntil : null)
  await tell('userUnblocked', blocked, { actor })
  await until(async () => (await getStatus(blocked)).state === 'active')
  t.equal(outcomeOf(await admit(idle)), 'user_blocked')
  t.equal(outcomeOf(await admit(blocked)), 'ok')
  t.match(await getStatus(blocked), { activeUntil: /Z$/ }, 'the request after the block started a window')
})

test('when several users were last active is told in the order they were asked for', async (t) => {
  const { admit, client } = await openScenario(t)
  const [active, silent] = [createUserId(), createUserId()]
  const admitted = await admit(active)
  if (!admitted.ok) throw new Error(admitted.code)
  const { lastActiveAt } = admitted.value
  const listed = await client.listLastActive({ userIds: [silent, active, silent] }, call())
  t.same(listed, { ok: true, value: { times: [null, lastActiveAt, null] } })
})
