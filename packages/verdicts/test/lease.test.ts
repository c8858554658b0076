import { ok } from '@latchkey/contracts/errors'
import { MAX_MESSAGE_BYTES } from '@latchkey/messaging/codec'
import { test } from 'tap'
import { isKept, openHolder } from './holder-scenario.ts'
import { createMemoryLog, found, until } from './scenario.ts'

test('nothing is used once the lease is over, be it for a pause of the process', async (t) => {
  const { holder, keep, clock } = await openHolder(t)
  await keep('token')
  clock.passMs(2100)
  t.notOk(holder.state.live)
  t.notOk(isKept(holder, 'token'))
})

test('what was kept under a lease that ran out is gone when the next begins', async (t) => {
  const { holder, keep, clock } = await openHolder(t)
  await keep('token')
  clock.passMs(2100)
  await until(() => holder.state.live)
  t.equal(holder.state.flushes.lapsed, 1)
  t.notOk(isKept(holder, 'token'))
})

test('silence of the authority ends the use of what is kept before the lease does', async (t) => {
  const { holder, keep, stand, clock } = await openHolder(t)
  await keep('token')
  stand.answers = false
  clock.passMs(760)
  t.notOk(holder.state.live)
  t.notOk(isKept(holder, 'token'))
})

test('the lease is counted from before the renewal was sent', async (t) => {
  const config = { leaseMs: 1000, heartbeatDeadMs: 60_000, renewMs: 400 }
  const { holder, stand, clock, keep } = await openHolder(t, { config })
  stand.replyDelayMs = 300
  const renewals = stand.renewals
  await until(() => stand.renewals > renewals)
  await keep('token')
  const before = holder.state
  // Sent 700 ms before the end of its lease, answered 300 ms later: 700 ms from the answer it is over.
  await until(() => stand.renewals > renewals + 1)
  clock.passMs(1000)
  t.ok(before.live)
  t.notOk(isKept(holder, 'token'))
})

test('a renewal that was sent before a doubt grants nothing after it', async (t) => {
  const config = { renewMs: 400 }
  const { holder, stand, clock } = await openHolder(t, { config })
  stand.replyDelayMs = 200
  const renewals = stand.renewals
  await until(() => stand.renewals > renewals)
  clock.slipMs(5000)
  void holder.judge('any', true, undefined)
  await until(() => holder.state.flushes.clock > 0 && holder.state.live)
  t.ok(stand.renewals > renewals + 1, 'another one had to be sent')
})

test('announcements that were lost are obeyed with the next renewal', async (t) => {
  const { holder, keep, stand } = await openHolder(t)
  await keep('lost')
  await keep('kept')
  stand.missed = [{ kind: 'session', id: 'lost' }]
  stand.seq += 1
  const renewals = stand.renewals
  await until(() => stand.renewals > renewals + 1)
  t.notOk(isKept(holder, 'lost'))
  t.ok(isKept(holder, 'kept'))
})

test('an answer on its way is overtaken by an announcement that came with a renewal', async (t) => {
  const { holder, stand, asked } = await openHolder(t)
  void holder.judge('token', true, undefined)
  stand.missed = [{ kind: 'session', id: 'token' }]
  stand.seq += 1
  const renewals = stand.renewals
  await until(() => stand.renewals > renewals + 1)
  asked[0]?.answer(ok(found('token')))
  await until(() => asked.length === 2)
  t.equal(holder.state.overtaken, 1)
})

test('everything is dropped when what was missed is not known any more', async (t) => {
  const { holder, keep, stand } = await openHolder(t)
  await keep('token')
  stand.complete = false
  stand.seq += 50
  await until(() => holder.state.flushes.gap > 0)
  t.notOk(isKept(holder, 'token'))
})

test('everything is dropped when the registry began anew', async (t) => {
  const { holder, keep, stand } = await openHolder(t)
  await keep('token')
  Object.assign(stand, { incarnation: 'second', seq: 0, complete: false })
  await until(() => holder.state.flushes.registry > 0)
  stand.complete = true
  t.notOk(isKept(holder, 'token'))
  await until(() => holder.state.live)
})

test('an announcement that is not readable drops everything until the next renewal', async (t) => {
  const { holder, keep, publishBytes } = await openHolder(t)
  await keep('token')
  publishBytes('{"seq":')
  await until(() => holder.state.flushes.unreadable > 0)
  t.notOk(isKept(holder, 'token'))
  await until(() => holder.state.live)
})

test('an announcement that is too large drops everything until the next renewal, whatever it says', async (t) => {
  const { holder, keep, announce, publishBytes, stand } = await openHolder(t)
  await keep('token')
  const items = [{ kind: 'session', id: 'another' }] as const
  await announce(items)
  t.ok(isKept(holder, 'token'), 'one that says the same in fewer bytes is none of its business')
  const { incarnation, seq } = stand
  const announcement = JSON.stringify({ incarnation, seq: seq + 1, items, acknowledgeTo: null })
  publishBytes(announcement.padEnd(MAX_MESSAGE_BYTES + 1))
  await until(() => holder.state.flushes.unreadable > 0)
  t.notOk(isKept(holder, 'token'))
  await until(() => holder.state.live)
})

test('an announcement of a later version drops everything until the next renewal, and fills no log', async (t) => {
  const log = createMemoryLog()
  const { holder, keep, publishBytes, stand } = await openHolder(t, { log })
  const items = [{ kind: 'tenant', id: 'of the next version' }]
  const announcement = JSON.stringify({ incarnation: stand.incarnation, seq: 1, items, acknowledgeTo: null })
  for (const flushes of [1, 2, 3]) {
    await keep('token')
    publishBytes(announcement)
    await until(() => holder.state.flushes.unreadable === flushes)
    t.notOk(isKept(holder, 'token'))
    await until(() => holder.state.live)
  }
  t.same(log.lines, [{ level: 'warn', text: 'announcement is not readable' }])
})

test('a clock that went apart from the other drops everything, also at a use', async (t) => {
  const { holder, keep, clock } = await openHolder(t)
  await keep('token')
  clock.slipMs(1000)
  t.notOk(isKept(holder, 'token'))
  t.equal(holder.state.flushes.clock, 1)
  await until(() => holder.state.live)
})

test('a lost connection drops everything at once, and nothing is kept until it is back', async (t) => {
  const { holder, keep, nats, asked } = await openHolder(t)
  await keep('token')
  const { connection } = holder.state.flushes
  await nats.kill()
  await until(() => holder.state.flushes.connection > connection)
  t.notOk(holder.state.live)
  t.notOk(isKept(holder, 'token'))
  const questions = asked.length
  const judged = [holder.judge('other', true, undefined), holder.judge('other', true, undefined)]
  t.equal(asked.length, questions + 2, 'each request asks for itself')
  for (const question of asked.slice(questions)) question.answer(ok(found('other')))
  for (const result of await Promise.all(judged)) t.ok(result.ok)
  t.notOk(isKept(holder, 'other'))
  await nats.restart()
  await until(() => holder.state.live)
})

test('a holder that hears no announcements keeps nothing, though its renewals are answered', async (t) => {
  const { holder, stand, nats } = await openHolder(t)
  stand.beats = false
  await nats.kill()
  await nats.restart()
  const renewals = stand.renewals
  await until(() => stand.renewals > renewals + 3)
  t.notOk(holder.state.live)
  stand.beats = true
  await until(() => holder.state.live)
})

test('without a lease only so many look-ups are under way at once', async (t) => {
  const { holder, stand, asked, clock } = await openHolder(t, { config: { maxLookUpsWithoutLease: 3 } })
  stand.answers = false
  clock.passMs(2100)
  const judged = [1, 2, 3, 4].map((number) => holder.judge(`token-${number}`, true, undefined))
  t.equal(asked.length, 3)
  t.match(await judged[3], { code: 'unavailable' })
  t.equal(holder.state.shed, 1)
})

test('stopping takes leave of the authority and uses nothing any more', async (t) => {
  const { holder, keep, stand } = await openHolder(t)
  await keep('token')
  await holder.stop()
  t.same(stand.left, [stand.member])
  t.notOk(isKept(holder, 'token'))
})
