import { randomUUIDv7 } from 'node:crypto'
import type { RequestOf } from '@latchkey/contracts/define'
import { sessionAdminContract } from '@latchkey/contracts/session-admin'
import { createClient } from '@latchkey/messaging/client'
import type { Environment } from '@latchkey/runtime/config'
import { type Test, test } from 'tap'
import { pendingKeyOf } from '../src/store/keys.ts'
import { openHolder } from './holder.ts'
import { call, getValue, startApp } from './start-app.ts'
import { connect, createBulk, createUser } from './store/fixtures.ts'
import { until } from './until.ts'

const silent = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} }
const ADMIN = randomUUIDv7()
const PATIENT = { ...call, timeoutMs: 60_000 }

type Criteria = RequestOf<typeof sessionAdminContract.end>['criteria']

async function openPlatform(t: Test, environment: Environment = {}) {
  const stack = await startApp(t, { VERDICT_LEASE: '500', ...environment })
  const admin = createClient(sessionAdminContract, stack.transport, silent)
  const end = async (criteria: Criteria, dryRun = false) =>
    getValue(await admin.end({ actorId: ADMIN, criteria, dryRun }, PATIENT))
  return { ...stack, admin, end, ...(await openHolder(t, stack)) }
}

const everybody = (count: number) => Array.from({ length: count }, () => createUser())
const from = (ipAddress: string) => ({ client: { ipAddress, userAgent: 'curl/8.5.0' } })

test('no holder accepts what an admin has ended, whichever way, once that is answered', async (t) => {
  const { holder, open, keep, end } = await openPlatform(t)
  for (const name of ['userId', 'ip', 'userAgent', 'role', 'openedBefore', 'lastSeenBefore', 'everyone'] as const) {
    const { user, token, session } = await open(from('10.1.2.3'))
    await keep(token)
    const later = new Date(Date.parse(session.lastSeenAt) + 60_000).toISOString()
    const criteria = {
      userId: user.id,
      ip: '10.0.0.0/8',
      userAgent: 'CURL',
      role: 'user',
      openedBefore: later,
      lastSeenBefore: later,
      everyone: true
    } as const
    t.match(await end({ [name]: criteria[name] }), { matched: 1, ended: 1, sample: [{ id: session.id }] }, name)
    t.match(await holder.judge(token, false, undefined), {
      code: 'session_ended',
      details: { reason: 'revoked_by_admin' }
    })
    t.match(await end({ [name]: criteria[name] }), { matched: 0, ended: 0, sample: [] }, `${name} again`)
  }
})

test('a dry run counts what would end, and ends nothing', async (t) => {
  const { holder, open, end, keep } = await openPlatform(t)
  const users = everybody(12)
  const opened = await Promise.all(users.map((user) => open(from('192.0.2.7'), user)))
  await keep(opened[0]?.token ?? '')
  for (const criteria of [{ ip: '192.0.2.0/24' }, { everyone: true }] as const) {
    const counted = await end(criteria, true)
    t.match(counted, { matched: 12, ended: 0 })
    t.equal(counted.sample.length, 10)
    t.match(await holder.judge(opened[0]?.token ?? '', false, undefined), { ok: true })
  }
  t.match(await end({ ip: '192.0.2.0/24', role: 'admin' }), { matched: 0 })
  t.match(await end({ ip: '192.0.2.0/24', userId: users[0]?.id ?? '' }), { matched: 1 })
  t.match(await end({ ip: '192.0.2.0/24' }), { matched: 11, ended: 11 })
})

test('what names no sessions, no address or no time is refused', async (t) => {
  const { admin } = await openPlatform(t)
  const never = '2026-13-01T00:00:00.000Z'
  for (const [criteria, field] of [
    [{}, ''],
    [{ everyone: true, role: 'user' }, 'everyone'],
    [{ ip: 'home' }, 'ip'],
    [{ openedBefore: never }, 'openedBefore'],
    [{ lastSeenBefore: never }, 'lastSeenBefore']
  ] as const) {
    for (const dryRun of [true, false]) {
      const refused = await admin.end({ actorId: ADMIN, criteria, dryRun }, call)
      t.match(refused, { code: 'invalid_request', details: { errors: [{ field }] } })
    }
  }
})

test('200 sign-ins that race an end of everyone: none is accepted afterwards that was opened before', async (t) => {
  const { sessions, holder, open, keep, end } = await openPlatform(t)
  const early = await Promise.all(everybody(20).map((user) => open({}, user)))
  await Promise.all(early.map(({ token }) => keep(token)))
  const late = Promise.all(everybody(200).map((user) => open({}, user)))
  const { matched } = await end({ everyone: true })
  t.ok(matched >= 20)
  for (const { token } of early) t.match(await holder.judge(token, false, undefined), { code: 'session_ended' })

  for (const { token, session, user } of await late) {
    const judged = await holder.judge(token, false, undefined)
    const { items } = getValue(await sessions.list({ userId: user.id, state: 'all', limit: 10, cursor: null }, call))
    t.match(items, [{ id: session.id, state: judged.ok ? 'active' : 'ended' }])
  }
})

test('what a crash has left of an end of everyone is announced and told by itself', async (t) => {
  const platform = await openPlatform(t)
  const client = await connect(t, platform.redis.url)
  const { bulk } = createBulk(client)
  const { user, token } = await platform.open()
  await platform.keep(token)
  const shard = user.id.slice(-2)
  await bulk.endEveryone(shard, { kind: 'admin', id: ADMIN })
  await until(() => !platform.isKept(token))
  t.match(await platform.holder.judge(token, false, undefined), { code: 'session_ended' })
  await until(async () => (await client.xlen(pendingKeyOf(shard))) === 0)
})

test('ending again waits for what a crash has left unannounced', async (t) => {
  const platform = await openPlatform(t)
  const { bulk } = createBulk(await connect(t, platform.redis.url))
  const { user, token } = await platform.open()
  await platform.keep(token)
  const ending = { userIds: [user.id], criteria: {}, endedBy: { kind: 'admin', id: ADMIN }, sampleSize: 0 } as const
  await bulk.endMatching(user.id.slice(-2), ending)
  t.match(await platform.end({ userId: user.id }), { matched: 0 })
  t.match(await platform.holder.judge(token, false, undefined), { code: 'session_ended' })
})

test('an end of everyone reaches the events of those who never come back', async (t) => {
  const { transport, open, end } = await openPlatform(t)
  const told = new Set<string>()
  const opened = await Promise.all(everybody(5).map((user) => open({}, user)))
  const subscription = transport.subscribe('event.session_ended', ({ data }) => {
    told.add(JSON.parse(new TextDecoder().decode(data)).payload.sessionId)
  })
  await transport.flush(1000)
  await end({ everyone: true })
  await until(() => opened.every(({ session }) => told.has(session.id)))
  await subscription.drain()
})

test('without the time for it nothing is told of success', async (t) => {
  const { admin, open } = await openPlatform(t)
  await open()
  const request = { actorId: ADMIN, criteria: { role: 'user' }, dryRun: false } as const
  t.match(await admin.end(request, { ...call, timeoutMs: 400 }), { ok: false })
})

test('statistics are counted as it happens', async (t) => {
  const { admin, sessions, open } = await openPlatform(t)
  const getStats = async () => getValue(await admin.getStats({}, call))
  t.match(await getStats(), { liveSessions: 0, signIns: 0, revokeLatencyMs: { p50: null, p99: null } })
  const { user, session } = await open()
  await open({}, user)
  getValue(await sessions.end({ userId: user.id, sessionId: session.id, reason: 'signed_out' }, call))
  t.match(await getStats(), { liveSessions: 1, signIns: 2 })
  await until(async () => (await getStats()).revokeLatencyMs.p99 !== null)

  const { points } = await getStats()
  t.equal(points.length, 60)
  const times = points.map(({ at }) => Date.parse(at))
  t.ok(times.every((time, i) => time % 60_000 === 0 && (i === 0 || time - (times[i - 1] ?? 0) === 60_000)))
  t.equal(
    points.reduce((sum, { signIns }) => sum + signIns, 0),
    2
  )
})
