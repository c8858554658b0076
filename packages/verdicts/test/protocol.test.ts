import { verdictMessages } from '@latchkey/contracts/verdict'
import { test } from 'tap'
import { openPlatform, untilSettled } from './authority-scenario.ts'
import { isKept } from './holder-scenario.ts'
import { createMovableClock, createSessionIds, openTransport, revoke, type TestHolder, until } from './scenario.ts'

async function warm(holders: readonly TestHolder[], sessionId: string) {
  for (const holder of holders) {
    await holder.judge(sessionId, true, undefined)
    await until(() => isKept(holder, sessionId))
  }
}

test('once a session is revoked no holder accepts it', async (t) => {
  const { truth, startAuthority, startHolder } = await openPlatform(t)
  const authority = await startAuthority()
  await untilSettled(authority)
  const holders = await Promise.all([startHolder(), startHolder(), startHolder()])
  for (const sessionId of createSessionIds(20)) {
    await truth.open(sessionId)
    await warm(holders, sessionId)
    t.match(await revoke(truth, authority, sessionId), { ok: true })
    for (const holder of holders) {
      t.match(await holder.judge(sessionId, true, undefined), { ok: false, code: 'session_ended' })
    }
  }
})

test('two authorities may announce at the same time', async (t) => {
  const { truth, startAuthority, startHolder } = await openPlatform(t)
  const authorities = await Promise.all([startAuthority(), startAuthority()])
  const holder = await startHolder()
  const sessionIds = createSessionIds(40)
  for (const sessionId of sessionIds) await truth.open(sessionId)
  for (const sessionId of sessionIds) await holder.judge(sessionId, true, undefined)
  const revoked = sessionIds.map((sessionId, index) => {
    const authority = authorities[index % 2]
    return authority === undefined ? undefined : revoke(truth, authority, sessionId)
  })
  for (const result of await Promise.all(revoked)) t.match(result, { ok: true })
  t.equal(holder.state.entries, 0)
})

test('an announcement of more than a message takes drops what it names, and nothing else', async (t) => {
  const { truth, startAuthority, startHolder } = await openPlatform(t)
  const authority = await startAuthority()
  await untilSettled(authority)
  const holder = await startHolder()
  const [kept = '', ...named] = createSessionIds(251)
  for (const sessionId of [kept, ...named]) await truth.open(sessionId)
  await warm([holder], kept)
  await warm([holder], named.at(-1) ?? '')
  const items = named.map((id) => ({ kind: 'session', id }) as const)
  t.match(await authority.announce(items, { timeoutMs: 5000 }), { ok: true })
  t.ok(isKept(holder, kept))
  t.notOk(isKept(holder, named.at(-1) ?? ''))
  t.equal(holder.state.flushes.unreadable, 0)
})

test('an announcement that gets lost is repeated', async (t) => {
  const { truth, startAuthority, startHolder, nats, redis } = await openPlatform(t)
  const authority = await startAuthority()
  await untilSettled(authority)
  const holder = await startHolder()
  const [sessionId = ''] = createSessionIds(1)
  await truth.open(sessionId)
  await warm([holder], sessionId)
  // An acknowledgement from somebody else's number is none.
  const liar = openTransport(t, nats)
  await until(() => liar.state === 'connected')
  liar.publish(`${verdictMessages.acknowledged.subject}.somebody`, { data: new Uint8Array([1]), headers: {} })
  nats.pause()
  const revoked = revoke(truth, authority, sessionId)
  await until(async () => (await redis.xlen('lk:v:{v}:log')) === 2)
  nats.resume()
  t.match(await revoked, { ok: true })
  t.notOk(isKept(holder, sessionId))
})

test('a holder that hangs delays a revocation by its lease at most and is never wrong after it', async (t) => {
  const { truth, startAuthority, startHolder } = await openPlatform(t)
  const waited: unknown[] = []
  const authority = await startAuthority({ observe: (_durationMs, silent) => waited.push(silent) })
  await untilSettled(authority)
  const clock = createMovableClock()
  const hanging = await startHolder({ clock })
  const [sessionId = ''] = createSessionIds(1)
  await truth.open(sessionId)
  await warm([hanging], sessionId)
  // Cut off rather than stopped, since it lives in this very process: it hears nothing and says nothing.
  await hanging.transport.close()
  t.match(await revoke(truth, authority, sessionId), { ok: true })
  t.equal(waited.at(-1), 1)
  t.match(await hanging.judge(sessionId, true, undefined), { ok: false })
})

test('while NATS is down a revocation waits for all leases, and holders ask for each request', async (t) => {
  const { truth, startAuthority, startHolder, nats } = await openPlatform(t)
  const authority = await startAuthority()
  await untilSettled(authority)
  const holder = await startHolder()
  const [sessionId = ''] = createSessionIds(1)
  await truth.open(sessionId)
  await warm([holder], sessionId)
  await nats.kill()
  t.match(await revoke(truth, authority, sessionId), { ok: true })
  t.match(await holder.judge(sessionId, true, undefined), { code: 'session_ended' })
  await nats.restart()
  await until(() => holder.state.live)
})

test('the registry may be lost: the next revocation is late, and right', async (t) => {
  const { truth, startAuthority, startHolder, redis } = await openPlatform(t)
  const authority = await startAuthority()
  await untilSettled(authority)
  const holder = await startHolder()
  const [sessionId = ''] = createSessionIds(1)
  await truth.open(sessionId)
  await warm([holder], sessionId)
  await redis.del('lk:v:{v}:registry', 'lk:v:{v}:log')
  t.match(await revoke(truth, authority, sessionId), { ok: true })
  t.match(await holder.judge(sessionId, true, undefined), { code: 'session_ended' })
  await until(() => holder.state.live && holder.state.flushes.registry > 0)
})

test('Redis may be restarted: holders keep nothing meanwhile and are live again after', async (t) => {
  const { truth, startAuthority, startHolder, server, redis } = await openPlatform(t)
  const authority = await startAuthority()
  const holder = await startHolder()
  const [sessionId = '', other = ''] = createSessionIds(2)
  await truth.open(sessionId)
  await truth.open(other)
  await warm([holder], sessionId)
  await server.kill()
  await until(() => !holder.state.live)
  t.match(await holder.judge(other, true, undefined), { code: 'unavailable' })
  await server.restart()
  await until(() => redis.status === 'ready' && holder.state.live)
  await warm([holder], other)
  t.match(await revoke(truth, authority, other), { ok: true })
  t.match(await holder.judge(other, true, undefined), { code: 'session_ended' })
})

test('a holder that joins in the middle of an announcement begins with nothing', async (t) => {
  const { truth, startAuthority, startHolder } = await openPlatform(t)
  const authority = await startAuthority()
  await untilSettled(authority)
  const [sessionId = ''] = createSessionIds(1)
  await truth.open(sessionId)
  const revoked = revoke(truth, authority, sessionId)
  const holder = await startHolder()
  await revoked
  t.match(await holder.judge(sessionId, true, undefined), { code: 'session_ended' })
})

test('a holder that stops is not waited for', async (t) => {
  const { truth, startAuthority, startHolder } = await openPlatform(t)
  const waited: unknown[] = []
  const authority = await startAuthority({ observe: (_durationMs, silent) => waited.push(silent) })
  const holder = await startHolder()
  await holder.stop()
  const [sessionId = ''] = createSessionIds(1)
  t.match(await revoke(truth, authority, sessionId), { ok: true })
  t.same(waited, [0])
})
