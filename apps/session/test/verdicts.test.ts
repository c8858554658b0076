import { randomUUID } from 'node:crypto'
import { verdictContract } from '@latchkey/contracts/verdict'
import { createClient } from '@latchkey/messaging/client'
import type { Environment } from '@latchkey/runtime/config'
import { createTouchPublisher } from '@latchkey/verdicts/touches'
import { type Test, test } from 'tap'
import { pendingKeyOf } from '../src/store/keys.ts'
import { openHolder } from './holder.ts'
import { call, getValue, startApp } from './start-app.ts'
import { connect, createStore } from './store/fixtures.ts'
import { until } from './until.ts'

const silent = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} }
const LEASE_MS = 500
/** A lease, the margin, and a second. */
const PATIENCE_MS = LEASE_MS + 100 + 1000

async function openPlatform(t: Test, environment: Environment = {}) {
  const stack = await startApp(t, { VERDICT_LEASE: String(LEASE_MS), ...environment })
  return { ...stack, ...(await openHolder(t, stack)) }
}

type Platform = Awaited<ReturnType<typeof openPlatform>>
type Opened = Awaited<ReturnType<Platform['open']>>
type Ending = (platform: Platform, opened: Opened) => Promise<unknown>

const PHONE = { deviceId: 'phone-0001' }

const endings: Readonly<Record<string, Ending>> = {
  'ending it': async ({ sessions }, { reference }) =>
    getValue(await sessions.end({ ...reference, reason: 'signed_out' }, call)),

  'ending all': async ({ sessions }, { user }) => {
    const all = { userId: user.id, exceptSessionId: null, reason: 'password_changed', epoch: 1 } as const
    getValue(await sessions.endAll(all, call))
  },

  'a sign-in of the same device': async ({ open }, { user }) => await open(PHONE, user),

  'a sign-in over the limit': async ({ open }, { user }) => {
    await open({}, user)
    await open({}, user)
  },

  'a sign-in that allows no other': async ({ open }, { user }) => await open({ policy: 'single' }, user),

  'a refresh token used twice': async ({ sessions }, { tokens }) => {
    const refreshToken = tokens.refreshToken ?? ''
    getValue(await sessions.refresh({ refreshToken }, call))
    const reused = await sessions.refresh({ refreshToken }, call)
    if (reused.ok || reused.code !== 'session_ended') throw new Error('was not refused')
  }
}

test('no holder accepts a session once the call that ended it is answered', async (t) => {
  const platform = await openPlatform(t, { SESSION_POLICY: 'limit:2:evict_oldest', REFRESH_GRACE: '0' })
  const { holder, open, keep } = platform
  for (const [name, end] of Object.entries(endings)) {
    await t.test(`after ${name}`, async (t) => {
      const opened = await open(PHONE)
      await keep(opened.token)
      await end(platform, opened)
      t.match(await holder.judge(opened.token, false, undefined), { code: 'session_ended' })
    })
  }
})

test('a profile that was changed is shown by all holders once the change is answered', async (t) => {
  const { sessions, holder, open, keep } = await openPlatform(t)
  const { user, token } = await open()
  await keep(token)
  const changed = { ...user, firstName: 'Augusta' }
  getValue(await sessions.putProfile({ user: changed, version: 2, block: null }, call))
  t.match(await holder.judge(token, false, undefined), { ok: true, value: { firstName: 'Augusta' } })
})

test('ending again announces what the call before may have left', async (t) => {
  const { redis, sessions, holder, open, keep } = await openPlatform(t)
  const store = createStore(await connect(t, redis.url))
  const { reference, token } = await open()
  await keep(token)
  await store.end(reference, 'signed_out')
  getValue(await sessions.end({ ...reference, reason: 'signed_out' }, call))
  t.match(await holder.judge(token, false, undefined), { code: 'session_ended' })
})

test('a session that is not there any more is announced before that is said', async (t) => {
  const { redis, sessions, holder, open, keep } = await openPlatform(t)
  const store = createStore(await connect(t, redis.url))
  const { reference, token } = await open()
  await keep(token)
  await store.erase(reference.userId)
  t.match(await sessions.end({ ...reference, reason: 'signed_out' }, call), { code: 'session_not_found' })
  t.match(await holder.judge(token, false, undefined), { ok: false })
})

test('what a crash left unannounced is announced by itself', async (t) => {
  const { redis, holder, open, keep, isKept } = await openPlatform(t)
  const client = await connect(t, redis.url)
  const { reference, token } = await open()
  await keep(token)
  await createStore(client).end(reference, 'signed_out')
  await until(() => !isKept(token))
  t.match(await holder.judge(token, false, undefined), { code: 'session_ended' })
  await until(async () => (await client.xlen(pendingKeyOf(reference.userId.slice(-2)))) === 0)
})

test('nothing is left to announce once a change is answered', async (t) => {
  const { redis, sessions, open } = await openPlatform(t)
  const client = await connect(t, redis.url)
  const { reference } = await open()
  getValue(await sessions.end({ ...reference, reason: 'signed_out' }, call))
  await until(async () => (await client.xlen(pendingKeyOf(reference.userId.slice(-2)))) === 0)
})

test('a silent holder is waited for until its lease is over, and no longer', async (t) => {
  const { sessions, transport, open } = await openPlatform(t)
  const [first, second] = [await open(), await open()]
  getValue(await sessions.end({ ...first.reference, reason: 'signed_out' }, call))

  const verdicts = createClient(verdictContract, transport, silent)
  const silentMember = { member: randomUUID(), incarnation: '', seq: 0, leaseMs: LEASE_MS, heard: true }
  const end = (timeoutMs: number) => sessions.end({ ...second.reference, reason: 'signed_out' }, { ...call, timeoutMs })
  getValue(await verdicts.renew(silentMember, call))
  t.match(await end(LEASE_MS / 2), { ok: false }, 'nobody is told of success before')
  getValue(await verdicts.renew(silentMember, call))
  t.match(await end(PATIENCE_MS), { ok: true })
})

test('uses that a holder answered for move the last activity', async (t) => {
  const { sessions, transport, open } = await openPlatform(t)
  const { reference, session } = await open()
  const publish = createTouchPublisher(transport)
  const check = async () => getValue(await sessions.check({ ...reference, activity: false }, call))
  await until(async () => {
    await publish([
      { ...reference, ageMs: 0 },
      { ...reference, userId: 'nobody', ageMs: 0 }
    ])
    return (await check()).session.lastSeenAt > session.lastSeenAt
  })
  getValue(await sessions.end({ ...reference, reason: 'signed_out' }, call))
  await publish([{ ...reference, ageMs: 0 }])
  await transport.flush(1000)
  t.match(await sessions.check({ ...reference, activity: false }, call), { code: 'session_ended' })
})

test('a check tells how long the session goes on, in durations', async (t) => {
  const { sessions, open } = await openPlatform(t, { SESSION_TTL: '100', SESSION_IDLE_TTL: '50' })
  const { reference } = await open()
  const { endsInMs, idleEndsInMs, idleTtlMs } = getValue(await sessions.check({ ...reference, activity: true }, call))
  t.equal(idleTtlMs, 50_000)
  t.ok(idleEndsInMs > 0 && idleEndsInMs <= 50_000)
  t.ok(endsInMs > idleEndsInMs && endsInMs <= 100_000)
})

test('metrics tell how long announcements take', async (t) => {
  const { app, sessions, open } = await openPlatform(t)
  const { reference } = await open()
  getValue(await sessions.end({ ...reference, reason: 'signed_out' }, call))
  t.match((await app.inject('/metrics')).body, /latchkey_verdict_announcement_duration_seconds_count/)
})
