import { ok } from '@latchkey/contracts/errors'
import { startNats } from '@latchkey/testing/stores'
import { type Test, test } from 'tap'
import { createClient } from '../src/client.ts'
import { openNatsTransport } from '../src/nats-transport.ts'
import { serve } from '../src/server.ts'
import { StallWatch } from '../src/stall-watch.ts'
import { createLog, doorContract } from './stand-in.ts'

function openWatch(t: Test) {
  const trips: PromiseWithResolvers<void>[] = []
  let nowMs = 1000
  const roundTrip = () => {
    const trip = Promise.withResolvers<void>()
    trips.push(trip)
    return trip.promise
  }
  const watch = new StallWatch({ roundTrip, now: () => nowMs })
  t.teardown(() => watch.stop())
  const pass = (ms: number) => {
    nowMs += ms
  }
  return { watch, trips, pass }
}

test('what is read after a pause may be as old as the pause, until an answer has come to what was asked after it', async (t) => {
  const { watch, trips, pass } = openWatch(t)
  t.equal(watch.waitedMs(), 0)
  pass(5000)
  t.equal(watch.waitedMs(), 5000, 'the first message')
  pass(20)
  t.equal(watch.waitedMs(), 5020, 'those behind it')
  t.equal(trips.length, 1, 'asked once')
  trips[0]?.resolve()
  await trips[0]?.promise
  t.equal(watch.waitedMs(), 0, 'and what was sent since')
})

test('a pause that a timer notices first counts the same', async (t) => {
  const { watch, trips, pass } = openWatch(t)
  pass(5000)
  while (trips.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
  pass(10)
  t.equal(watch.waitedMs(), 5010)
})

test('a process that is no more than busy has let nothing wait', (t) => {
  const { watch, trips, pass } = openWatch(t)
  pass(200)
  t.equal(watch.waitedMs(), 0)
  t.equal(trips.length, 0)
  t.end()
})

test('of two pauses each ends with its own answer', async (t) => {
  const { watch, trips, pass } = openWatch(t)
  pass(1000)
  t.equal(watch.waitedMs(), 1000)
  pass(2000)
  t.equal(watch.waitedMs(), 3000, 'the first is not answered yet')
  trips[0]?.resolve()
  await trips[0]?.promise
  t.equal(watch.waitedMs(), 2000)
  trips[1]?.resolve()
  await trips[1]?.promise
  t.equal(watch.waitedMs(), 0)
})

test('a lost connection takes along what had waited in it', async (t) => {
  const { watch, trips, pass } = openWatch(t)
  pass(5000)
  t.equal(watch.waitedMs(), 5000)
  trips[0]?.reject(new Error('disconnected'))
  await trips[0]?.promise.catch(() => undefined)
  await Promise.resolve()
  t.equal(watch.waitedMs(), 0)
})

test('a request that waited for longer than its caller is never handled, and the next one is', async (t) => {
  const { url } = await startNats(t)
  const log = createLog()
  const [asking, serving] = ['asking', 'serving'].map((name) => openNatsTransport({ url, name, log }))
  if (asking === undefined || serving === undefined) throw new Error('no two connections')
  t.teardown(() => Promise.all([asking.close(), serving.close()]))
  const client = createClient(doorContract, asking, log)
  const handled: string[] = []
  const answered = Promise.withResolvers<string>()
  const lock = async (_request: object, { requestId }: { requestId: string }) => {
    handled.push(requestId)
    return ok({})
  }
  const unlock = async () => ok({ opened: true })
  const observe = (_subject: string, outcome: string) => answered.resolve(outcome)
  serve(doorContract, { lock, unlock }, { transport: serving, queue: 'door', log, observe })
  await Promise.all([asking.flush(5000), serving.flush(5000)])

  const given = client.lock({}, { requestId: 'given-up', timeoutMs: 300 })
  // It is in the socket once all that is no waiting is done; nothing is read from any before the loop turns.
  for (let step = 0; step < 100; step += 1) await undefined
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 800)
  t.match(await given, { code: 'deadline_exceeded' })
  t.equal(await answered.promise, 'deadline_exceeded')
  await serving.flush(5000)
  t.same(await client.lock({}, { requestId: 'repeated', timeoutMs: 10_000 }), ok({}))
  t.same(handled, ['repeated'])
})
