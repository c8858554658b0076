import { ok } from '@latchkey/contracts/errors'
import type { VerdictItem } from '@latchkey/contracts/verdict'
import { test } from 'tap'
import { createPendingRelay, type PendingRelayOptions } from '../src/relay.ts'
import { openPlatform, untilSettled } from './authority-scenario.ts'
import { isKept } from './holder-scenario.ts'
import { createMemoryLog, createSessionIds, pendingKeyOf, until } from './scenario.ts'

type Scope = Parameters<typeof openPlatform>[0]

function startRelay(t: Scope, options: Pick<PendingRelayOptions, 'redis' | 'announce'> & Partial<PendingRelayOptions>) {
  const log = createMemoryLog()
  const relay = createPendingRelay({ keyOf: pendingKeyOf, log, sweepMs: 20, graceMs: 50, ...options })
  t.teardown(() => relay.stop())
  return { relay, log }
}

test('what a crash left between the change and its announcement is announced', async (t) => {
  const { truth, redis, startAuthority, startHolder } = await openPlatform(t)
  const authority = await startAuthority()
  await untilSettled(authority)
  const holder = await startHolder()
  const [sessionId = ''] = createSessionIds(1)
  await truth.open(sessionId)
  await holder.judge(sessionId, true, undefined)
  await truth.end(sessionId)
  t.ok(isKept(holder, sessionId))
  startRelay(t, { redis, announce: authority.announce })
  await until(() => !isKept(holder, sessionId))
  t.match(await holder.judge(sessionId, true, undefined), { code: 'session_ended' })
  await until(async () => (await redis.xlen(pendingKeyOf(sessionId.slice(0, 2)))) === 0)
})

test('what whoever made the change has settled is not announced again', async (t) => {
  const { truth, redis } = await openPlatform(t)
  const announced: VerdictItem[] = []
  const announce: PendingRelayOptions['announce'] = async (items) => {
    announced.push(...items)
    return ok(undefined)
  }
  const { relay } = startRelay(t, { redis, announce, graceMs: 500 })
  const [settled = '', left = ''] = createSessionIds(2)
  relay.settle(settled.slice(0, 2), [await truth.end(settled)])
  await truth.end(left)
  await until(() => announced.length > 0)
  t.same(announced, [{ kind: 'session', id: left }])
})

test('an entry stays until it could be announced', async (t) => {
  const { truth, redis } = await openPlatform(t)
  let attempts = 0
  const announce: PendingRelayOptions['announce'] = async () => {
    attempts += 1
    return attempts < 3 ? { ok: false, code: 'unavailable', details: undefined } : ok(undefined)
  }
  const { log, relay } = startRelay(t, { redis, announce })
  const [sessionId = ''] = createSessionIds(1)
  await truth.end(sessionId)
  await until(() => relay.pending === 1)
  await until(async () => attempts === 3 && (await redis.xlen(pendingKeyOf(sessionId.slice(0, 2)))) === 0)
  t.equal(log.lines.filter(({ level }) => level === 'warn').length, 1)
})

test('an entry that cannot be read is taken to be about everyone', async (t) => {
  const { redis } = await openPlatform(t)
  const announced: VerdictItem[] = []
  const announce: PendingRelayOptions['announce'] = async (items) => {
    announced.push(...items)
    return ok(undefined)
  }
  await redis.xadd(pendingKeyOf('7f'), '*', 'item', '{"kind":"someone"}')
  const { log } = startRelay(t, { redis, announce })
  await until(async () => announced.length > 0 && (await redis.xlen(pendingKeyOf('7f'))) === 0)
  t.same(announced, [{ kind: 'everyone' }])
  t.equal(log.lines.filter(({ level }) => level === 'error').length, 1)
})
