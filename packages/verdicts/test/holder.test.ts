import { fail, ok } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { isKept, openHolder } from './holder-scenario.ts'
import { found, until } from './scenario.ts'

const ENDED = fail('session_ended', { reason: 'revoked_by_user', endedAt: '2026-11-21T09:30:00.000Z' })

test('a hit is answered at once, by the very same frozen verdict', async (t) => {
  const { holder, keep } = await openHolder(t)
  await keep('token')
  const first = holder.judge('token', true, undefined)
  if (first instanceof Promise || !first.ok) throw new Error('not kept')
  t.equal(holder.judge('token', true, undefined), first)
  t.ok(Object.isFrozen(first.value) && Object.isFrozen(first.value.roles))
})

test('an announcement drops the verdicts of its session before it is acknowledged', async (t) => {
  const { holder, keep, announce } = await openHolder(t)
  await keep('one', { sessionId: 'shared' })
  await keep('two', { sessionId: 'shared' })
  await keep('three')
  await announce([{ kind: 'session', id: 'shared' }])
  t.notOk(isKept(holder, 'one'))
  t.notOk(isKept(holder, 'two'), 'every token of the session')
  t.ok(isKept(holder, 'three'), 'no other session')
})

test('an announcement of a user drops the verdicts of all their sessions', async (t) => {
  const { holder, keep, announce } = await openHolder(t)
  await keep('phone', { userId: 'ada' })
  await keep('laptop', { userId: 'ada' })
  await keep('other')
  await announce([{ kind: 'user', id: 'ada' }])
  t.notOk(isKept(holder, 'phone') || isKept(holder, 'laptop'))
  t.ok(isKept(holder, 'other'))
})

test('an announcement of everyone drops all verdicts and all answers under way', async (t) => {
  const { holder, keep, announce, asked } = await openHolder(t)
  await keep('kept')
  const judged = holder.judge('asked', true, undefined)
  await announce([{ kind: 'everyone' }])
  t.notOk(isKept(holder, 'kept'))
  asked.find(({ token }) => token === 'asked')?.answer(ok(found('asked')))
  await until(() => asked.filter(({ token }) => token === 'asked').length === 2)
  asked.at(-1)?.answer(ENDED)
  t.match(await judged, { code: 'session_ended' })
})

test('doubting all has the same effect, for whoever learns by other ways that verdicts hold no longer', async (t) => {
  const { holder, keep, asked } = await openHolder(t)
  await keep('kept')
  const judged = holder.judge('asked', true, undefined)
  holder.doubtAll()
  t.notOk(isKept(holder, 'kept'))
  asked.find(({ token }) => token === 'asked')?.answer(ok(found('asked')))
  await until(() => asked.filter(({ token }) => token === 'asked').length === 2)
  asked.at(-1)?.answer(ENDED)
  t.match(await judged, { code: 'session_ended' })
  t.ok(holder.state.live, 'the lease goes on')
})

test('an answer that an announcement overtook is neither kept nor used, but asked for again', async (t) => {
  const { holder, announce, asked } = await openHolder(t)
  const judged = holder.judge('token', true, undefined)
  await announce([{ kind: 'session', id: 'token' }])
  asked[0]?.answer(ok(found('token')))
  await until(() => asked.length === 2)
  asked[1]?.answer(ENDED)
  t.match(await judged, { ok: false, code: 'session_ended' })
  t.equal(holder.state.overtaken, 1)
})

test('an answer that announcements overtake again and again is given to its own request, and not kept', async (t) => {
  const { holder, announce, asked } = await openHolder(t)
  const judged = holder.judge('token', true, undefined)
  for (let attempt = 0; attempt < 4; attempt += 1) {
    await until(() => asked.length === attempt + 1)
    await announce([{ kind: 'user', id: 'user-of-token' }])
    asked[attempt]?.answer(ok(found('token', { userId: 'user-of-token' })))
  }
  t.match(await judged, { ok: true })
  t.notOk(isKept(holder, 'token'))
})

test('an announcement of one session overtakes no answer about another', async (t) => {
  const { holder, announce, asked } = await openHolder(t)
  const judged = holder.judge('token', true, undefined)
  await announce([{ kind: 'session', id: 'another' }])
  asked[0]?.answer(ok(found('token')))
  t.match(await judged, { ok: true })
  t.ok(isKept(holder, 'token'))
})

test('requests for one token share a look-up', async (t) => {
  const { holder, asked } = await openHolder(t)
  const judged = [1, 2, 3].map(() => holder.judge('token', true, undefined))
  t.equal(asked.length, 1)
  asked[0]?.answer(ok(found('token')))
  for (const result of await Promise.all(judged)) t.ok(result.ok)
})

test('a request after an announcement does not share a look-up from before it', async (t) => {
  const { holder, announce, asked } = await openHolder(t)
  const before = holder.judge('token', true, undefined)
  await announce([{ kind: 'session', id: 'token' }])
  const after = holder.judge('token', true, undefined)
  t.equal(asked.length, 2)
  asked[1]?.answer(ENDED)
  t.match(await after, { code: 'session_ended' })
  asked[0]?.answer(ok(found('token')))
  await until(() => asked.length === 3)
  asked[2]?.answer(ENDED)
  t.match(await before, { code: 'session_ended' })
})

test('what is kept about a session later does not make an older answer good again', async (t) => {
  const { holder, announce, asked, keep } = await openHolder(t)
  const slow = holder.judge('slow', true, undefined)
  await announce([{ kind: 'user', id: 'ada' }])
  await keep('quick', { userId: 'ada' })
  asked[0]?.answer(ok(found('slow', { userId: 'ada' })))
  await until(() => asked.length === 3)
  asked[2]?.answer(ENDED)
  t.match(await slow, { code: 'session_ended' })
})

test('more announcements than can be remembered overtake every answer under way', async (t) => {
  const { holder, announce, asked } = await openHolder(t, { config: { tombstoneCapacity: 4 } })
  const judged = holder.judge('token', true, undefined)
  await announce([{ kind: 'session', id: 'token' }])
  for (const number of [1, 2, 3, 4, 5]) await announce([{ kind: 'session', id: `other-${number}` }])
  asked[0]?.answer(ok(found('token')))
  await until(() => asked.length === 2)
  asked[1]?.answer(ENDED)
  t.match(await judged, { code: 'session_ended' })
})

test('an answer that took longer than announcements are remembered is asked for again', async (t) => {
  const { holder, asked, clock } = await openHolder(t, { config: { heartbeatDeadMs: 60_000, leaseMs: 1000 } })
  const judged = holder.judge('token', true, undefined)
  clock.passMs(1400)
  await until(() => holder.state.live)
  asked[0]?.answer(ok(found('token')))
  await until(() => asked.length === 2)
  asked[1]?.answer(ENDED)
  t.match(await judged, { code: 'session_ended' })
})

test('a look-up that fails is told to all who wait and is not remembered', async (t) => {
  const { holder, asked } = await openHolder(t)
  const judged = holder.judge('token', true, undefined)
  asked[0]?.answer(fail('unavailable'))
  t.match(await judged, { code: 'unavailable' })
  t.notOk(isKept(holder, 'token'))
  t.equal(asked.length, 2)
})

test('an ended session is refused from memory, an unknown one for a second, a blocked user never', async (t) => {
  const { holder, asked, clock } = await openHolder(t)
  const ask = async (token: string, failure: Parameters<(typeof asked)[number]['answer']>[0]) => {
    const judged = holder.judge(token, true, undefined)
    asked.at(-1)?.answer(failure)
    await judged
  }
  await ask('ended', ENDED)
  await ask('unknown', fail('token_invalid'))
  await ask('blocked', fail('user_blocked', { reason: 'admin', blockedUntil: null, retryAfterSeconds: null }))
  t.match(holder.judge('ended', true, undefined), { code: 'session_ended' })
  t.match(holder.judge('unknown', true, undefined), { code: 'token_invalid' })
  t.ok(holder.judge('blocked', true, undefined) instanceof Promise)
  clock.passMs(1100)
  t.match(holder.judge('ended', true, undefined), { code: 'session_ended' })
  t.ok(holder.judge('unknown', true, undefined) instanceof Promise)
})

test('what must not rest on the cache is always asked for', async (t) => {
  const { holder, keep, asked } = await openHolder(t)
  await keep('token')
  const judged = holder.judgeAfresh('token', true, undefined)
  t.equal(asked.length, 2)
  asked[1]?.answer(ENDED)
  t.match(await judged, { code: 'session_ended' })
})
