import type { Touch } from '@latchkey/contracts/verdict'
import { startNats } from '@latchkey/testing/stores'
import { test } from 'tap'
import {
  createTouches,
  createTouchPublisher,
  listenTouches,
  type TouchOptions,
  type UsedSession
} from '../src/touches.ts'
import { createMemoryLog, openTransport, until } from './scenario.ts'

const use = (sessionId: string, lastUsedAt: number): UsedSession => {
  return { sessionId, userId: `user-of-${sessionId}`, idleTtlMs: 600_000, lastUsedAt, waits: false, toldAt: -1e9 }
}

function openBuffer(options: Partial<TouchOptions> = {}) {
  const batches: (readonly Touch[])[] = []
  let nowMs = 1000
  const touches = createTouches({
    publish: async (batch) => void batches.push(batch),
    log: createMemoryLog(),
    intervalMs: 3_600_000,
    now: () => nowMs,
    ...options
  })
  return {
    touches,
    batches,
    setNow: (ms: number) => {
      nowMs = ms
    }
  }
}

test('many uses of a session leave as one, with the age of the latest', async (t) => {
  const { touches, batches, setNow } = openBuffer()
  const session = use('one', 1000)
  touches.record(session)
  t.equal(touches.waiting, 1)
  session.lastUsedAt = 1400
  touches.record(session)
  setNow(1500)
  await touches.flush()
  t.same(batches, [[{ sessionId: 'one', userId: 'user-of-one', ageMs: 100 }]])
  await touches.flush()
  t.equal(batches.length, 1, 'nothing to tell')
})

test('a busy session is told of every few seconds, more often where its idle time is short, and at the end', async (t) => {
  const { touches, batches, setNow } = openBuffer()
  const busy = use('busy', 1000)
  const brief = { ...use('brief', 1000), idleTtlMs: 20_000 }
  for (const now of [1000, 2000, 3000, 4000, 5000, 6000, 7000]) {
    setNow(now)
    for (const session of [busy, brief]) {
      session.lastUsedAt = now - 100
      touches.record(session)
    }
    await touches.flush()
  }
  await touches.stop()
  const ages = (id: string) => batches.map((batch) => batch.find(({ sessionId }) => sessionId === id)?.ageMs)
  t.same(ages('busy'), [100, undefined, undefined, undefined, undefined, 100, undefined, 100])
  t.same(ages('brief'), [100, 100, 100, 100, 100, 100, 100, undefined])
})

test('two tokens of one session are one use', async (t) => {
  const { touches, batches } = openBuffer()
  touches.record(use('one', 900))
  touches.record(use('one', 700))
  await touches.flush()
  t.same(batches, [[{ sessionId: 'one', userId: 'user-of-one', ageMs: 100 }]])
})

test('past its capacity the oldest uses go, and are counted', async (t) => {
  const { touches, batches } = openBuffer({ capacity: 3 })
  for (const number of [1, 2, 3, 4, 5, 6, 7, 8]) touches.record(use(`session-${number}`, 1000))
  await touches.flush()
  t.same(
    batches[0]?.map(({ sessionId }) => sessionId),
    ['session-6', 'session-7', 'session-8']
  )
  t.equal(touches.dropped, 5)
})

test('a batch that could not be handed on goes with the next, with its true age', async (t) => {
  let fails = true
  const batches: (readonly Touch[])[] = []
  const publish = async (batch: readonly Touch[]) => {
    if (fails) throw new Error('not connected')
    batches.push(batch)
  }
  const { touches, setNow } = openBuffer({ publish })
  touches.record(use('one', 1000))
  await touches.flush()
  fails = false
  touches.record(use('two', 1900))
  setNow(2000)
  await touches.stop()
  t.same(
    batches[0]?.map(({ sessionId, ageMs }) => [sessionId, ageMs]),
    [
      ['one', 1000],
      ['two', 100]
    ]
  )
})

test('each queue takes every batch once, in messages that the bus takes', async (t) => {
  const nats = await startNats(t)
  const [publisher, ...listeners] = [0, 1, 2, 3].map(() => openTransport(t, nats))
  if (publisher === undefined) throw new Error('no transport')
  const taken: Record<string, string[]> = { session: [], activity: [] }
  const log = createMemoryLog()
  for (const [index, queue] of ['session', 'session', 'activity'].entries()) {
    const transport = listeners[index]
    if (transport === undefined) continue
    const take = async (touches: readonly Touch[]) => void taken[queue]?.push(...touches.map((one) => one.sessionId))
    listenTouches(take, { transport, queue, log })
    await until(() => transport.state === 'connected')
    await transport.flush(1000)
  }
  await until(() => publisher.state === 'connected')
  const ids = Array.from({ length: 7000 }, (_, number) => `${'x'.repeat(30)}-${number}`)
  await createTouchPublisher(publisher)(ids.map((sessionId) => ({ sessionId, userId: 'y'.repeat(36), ageMs: 5 })))
  for (const queue of ['session', 'activity']) {
    await until(() => taken[queue]?.length === ids.length)
    t.same(taken[queue]?.toSorted(), ids.toSorted())
  }
})
