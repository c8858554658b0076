import { randomUUID } from 'node:crypto'
import type { VerdictItem } from '@latchkey/contracts/verdict'
import { startRedisCluster } from '@latchkey/testing/stores'
import { Cluster } from 'ioredis'
import { test } from 'tap'
import { createRegistry } from '../src/authority/registry.ts'
import { createSilentMember, openPlatform, untilSettled } from './authority-scenario.ts'
import { until } from './scenario.ts'

const ITEMS: readonly VerdictItem[] = [{ kind: 'session', id: 'one' }]
const renewal = (member: string, incarnation = '', seq = 0) => ({
  member,
  incarnation,
  seq,
  leaseMs: 2000,
  heard: true
})

async function openRegistry(t: Parameters<typeof openPlatform>[0], logLength = 100) {
  const { redis, server } = await openPlatform(t)
  return { redis, server, registry: createRegistry({ redis, longestLeaseMs: 2000, logLength }) }
}

test('a renewal tells what was announced since the number it names', async (t) => {
  const { registry } = await openRegistry(t)
  const { incarnation } = await registry.announce(ITEMS)
  await registry.announce([{ kind: 'user', id: 'ada' }, { kind: 'everyone' }])
  t.match(await registry.renew(renewal('member-one', incarnation, 0)), {
    seq: 2,
    complete: true,
    missed: [...ITEMS, { kind: 'user', id: 'ada' }, { kind: 'everyone' }]
  })
  t.same((await registry.renew(renewal('member-one', incarnation, 2))).missed, [])
})

test('a renewal that cannot be told everything is told so', async (t) => {
  const { registry, redis } = await openRegistry(t, 3)
  const { incarnation } = await registry.announce(ITEMS)
  for (const _ of [2, 3, 4, 5]) await registry.announce(ITEMS)
  t.match(await registry.renew(renewal('member-one', incarnation, 2)), { complete: true, seq: 5 })
  t.match(await registry.renew(renewal('member-one', incarnation, 1)), { complete: false, missed: [], seq: 5 })
  t.match(await registry.renew(renewal('member-one', incarnation, 6)), { complete: false }, 'a number from the future')
  t.match(await registry.renew(renewal('member-one', 'another', 5)), { complete: false })
  await redis.del('lk:v:{v}:log')
  t.match(await registry.renew(renewal('member-one', incarnation, 4)), { complete: false }, 'the log was lost')
})

test('a lease is never longer than the longest', async (t) => {
  const { registry } = await openRegistry(t)
  t.equal((await registry.renew({ ...renewal('member-one'), leaseMs: 60_000 })).leaseMs, 2000)
  t.equal((await registry.renew({ ...renewal('member-one'), leaseMs: 500 })).leaseMs, 500)
})

test('a member is struck off by the mark of its last renewal only', async (t) => {
  const { registry } = await openRegistry(t)
  const { incarnation } = await registry.renew(renewal('member-one'))
  const [before] = (await registry.listMembers()).members
  if (before === undefined) throw new Error('no member')
  await registry.leave('member-one')
  await registry.renew(renewal('member-one'))
  await registry.drop(incarnation, before)
  const [after] = (await registry.listMembers()).members
  t.equal(after?.id, 'member-one', 'it came back, and its first mark is not the one of its former stay')
  if (after !== undefined) await registry.drop('another', after)
  t.equal((await registry.listMembers()).members.length, 1, 'a mark of another incarnation')
  if (after !== undefined) await registry.drop(incarnation, after)
  t.equal((await registry.listMembers()).members.length, 0)
})

test('a registry that was emptied begins anew', async (t) => {
  const { registry, redis } = await openRegistry(t)
  const first = await registry.announce(ITEMS)
  await redis.flushall()
  const second = await registry.announce(ITEMS)
  t.not(second.incarnation, first.incarnation)
  t.equal(second.seq, 1)
})

test('a registry that was restarted begins anew, though it kept its keys', async (t) => {
  const { registry, redis, server } = await openRegistry(t)
  const first = await registry.announce(ITEMS)
  await registry.renew(renewal('member-one'))
  await server.restart()
  await until(() => redis.status === 'ready')
  t.equal(await redis.exists('lk:v:{v}:registry'), 1, 'the key survived')
  const second = await registry.announce(ITEMS)
  t.not(second.incarnation, first.incarnation)
  t.same(second.members, [])
})

test('the registry runs on a cluster', async (t) => {
  const { nodes } = await startRedisCluster(t)
  const redis = new Cluster([...nodes])
  t.teardown(() => redis.disconnect())
  const registry = createRegistry({ redis, longestLeaseMs: 2000, logLength: 100 })
  await registry.renew(renewal('member-one'))
  const { members, seq } = await registry.announce(ITEMS)
  t.match({ members, seq }, { members: [{ id: 'member-one' }], seq: 1 })
})

test('without holders an announcement waits for nobody', async (t) => {
  const { startAuthority } = await openPlatform(t)
  const silent: unknown[] = []
  const authority = await startAuthority({ observe: (_durationMs, count) => silent.push(count) })
  t.match(await authority.announce(ITEMS, { timeoutMs: 5000 }), { ok: true })
  t.same(silent, [0])
})

test('a holder that does not acknowledge is waited for until its lease is over, and then struck off', async (t) => {
  const { startAuthority, redis } = await openPlatform(t)
  const authority = await startAuthority({ config: { longestLeaseMs: 300 } })
  await untilSettled(authority)
  const { renew, isMember } = createSilentMember(redis, 300)
  await renew()
  const startedAt = performance.now()
  t.match(await authority.announce(ITEMS, { timeoutMs: 5000 }), { ok: true })
  t.ok(performance.now() - startedAt >= 400, 'lease and margin')
  await until(async () => !(await isMember()))
})

test('a change that cannot be made certain in time is not called certain', async (t) => {
  const { startAuthority, redis } = await openPlatform(t)
  const authority = await startAuthority()
  const { renew, isMember } = createSilentMember(redis)
  await renew()
  t.match(await authority.announce(ITEMS, { timeoutMs: 200 }), { code: 'unavailable' })
  t.ok(await isMember(), 'its lease is not over')
})

test('a holder that renews while it is waited for is not struck off', async (t) => {
  const { startAuthority, redis } = await openPlatform(t)
  const authority = await startAuthority({ config: { longestLeaseMs: 300, censusMs: 60_000 } })
  const { renew, isMember } = createSilentMember(redis, 300)
  await renew()
  const announced = authority.announce(ITEMS, { timeoutMs: 5000 })
  await until(async () => (await redis.xlen('lk:v:{v}:log')) === 1)
  await renew()
  await announced
  t.ok(await isMember())
})

test('a member that crashed is struck off without an announcement', async (t) => {
  const { startAuthority, redis } = await openPlatform(t)
  await startAuthority({ config: { longestLeaseMs: 200, censusMs: 50 } })
  const { renew, isMember } = createSilentMember(redis, 200)
  await renew()
  t.ok(await isMember())
  await until(async () => !(await isMember()))
})

test('after the registry was lost, an announcement waits for the leases that nobody knows of', async (t) => {
  const { startAuthority, redis } = await openPlatform(t)
  const authority = await startAuthority({ config: { longestLeaseMs: 500, censusMs: 60_000 } })
  await untilSettled(authority)
  await redis.flushall()
  const startedAt = performance.now()
  t.match(await authority.announce(ITEMS, { timeoutMs: 300 }), { code: 'unavailable' })
  t.match(await authority.announce(ITEMS, { timeoutMs: 5000 }), { ok: true })
  t.ok(performance.now() - startedAt >= 600, 'the longest lease and the margin')
})

test('an announcement is tried again while Redis is away, and is unavailable when that takes too long', async (t) => {
  const { startAuthority, redis, server } = await openPlatform(t)
  const authority = await startAuthority()
  await server.kill()
  await until(() => redis.status !== 'ready')
  t.match(await authority.announce(ITEMS, { timeoutMs: 200 }), { code: 'unavailable' })
  const announced = authority.announce(ITEMS, { timeoutMs: 10_000 })
  await server.restart()
  t.match(await announced, { ok: true })
})

test('other services announce over the contract', async (t) => {
  const { startAuthority, startHolder, truth } = await openPlatform(t)
  const authority = await startAuthority()
  const holder = await startHolder()
  await truth.open('session')
  await holder.judge('session', true, undefined)
  const context = { requestId: randomUUID(), traceparent: undefined, remainingMs: () => 5000 }
  t.match(await authority.handlers.announce({ items: [{ kind: 'user', id: 'user-of-session' }] }, context), {
    ok: true
  })
  t.equal(holder.state.entries, 0)
})
