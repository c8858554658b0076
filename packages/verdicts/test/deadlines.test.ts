import { ok } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { isKept, openHolder } from './holder-scenario.ts'
import { found } from './scenario.ts'

/** So that time can pass without the lease running out. */
const config = { leaseMs: 60_000, heartbeatDeadMs: 60_000 }

test('at the end of the token or session its verdict is asked for again, however active it was', async (t) => {
  const { holder, keep, clock } = await openHolder(t, { config })
  await keep('token', { endsInMs: 5000, idleEndsInMs: 3000, idleTtlMs: 3000 })
  clock.passMs(2500)
  t.notOk(holder.judge('token', true, undefined) instanceof Promise)
  clock.passMs(2500)
  t.notOk(isKept(holder, 'token'))
})

test('activity moves the idle end', async (t) => {
  const { holder, keep, clock } = await openHolder(t, { config })
  await keep('token', { idleEndsInMs: 1000, idleTtlMs: 3000 })
  clock.passMs(900)
  t.notOk(holder.judge('token', true, undefined) instanceof Promise)
  clock.passMs(2900)
  t.ok(isKept(holder, 'token'))
  clock.passMs(200)
  t.notOk(isKept(holder, 'token'))
})

test('a request in the background does not move the idle end', async (t) => {
  const { holder, keep, clock } = await openHolder(t, { config })
  await keep('token', { idleEndsInMs: 1000, idleTtlMs: 3000 })
  clock.passMs(900)
  t.notOk(holder.judge('token', false, undefined) instanceof Promise)
  clock.passMs(200)
  t.notOk(isKept(holder, 'token'))
})

test('ends are counted from when the look-up was sent, not from its answer', async (t) => {
  const { holder, asked, clock } = await openHolder(t, { config })
  const judged = holder.judge('token', true, undefined)
  clock.passMs(600)
  asked[0]?.answer(ok(found('token', { endsInMs: 1000 })))
  await judged
  t.ok(isKept(holder, 'token'))
  clock.passMs(450)
  t.notOk(isKept(holder, 'token'))
})

test('only activity is told to whoever records it', async (t) => {
  const used: string[] = []
  const { holder, keep } = await openHolder(t, { onUse: ({ sessionId }) => used.push(sessionId) })
  await keep('token')
  t.same(used, [], 'the look-up itself has recorded it')
  holder.judge('token', false, undefined)
  t.same(used, [])
  holder.judge('token', true, undefined)
  t.same(used, ['token'])
})

test('an active request does not share the look-up of a background one', async (t) => {
  const { holder, asked } = await openHolder(t)
  void holder.judge('token', false, undefined)
  void holder.judge('token', true, undefined)
  t.same(
    asked.map(({ activity }) => activity),
    [false, true]
  )
  void holder.judge('token', false, undefined)
  t.equal(asked.length, 2, 'a background one may share that of an active one')
})
