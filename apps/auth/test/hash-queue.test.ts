import { fail, ok } from '@latchkey/contracts/errors'
import { test } from 'tap'
import { createHashQueue } from '../src/hash-queue.ts'

const patient = { remainingMs: () => 1000 }

test('no more tasks run at the same time than allowed, and all get their turn in order', async (t) => {
  const queue = createHashQueue({ concurrency: 2, length: 10 })
  let running = 0
  let most = 0
  const order: number[] = []
  const results = await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      queue.run(async () => {
        running += 1
        most = Math.max(most, running)
        order.push(index)
        await new Promise(setImmediate)
        running -= 1
        return index
      }, patient)
    )
  )
  t.equal(most, 2)
  t.same(order, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  t.same(results.at(-1), ok(11))
})

test('a full queue refuses at once and takes tasks again later', async (t) => {
  const queue = createHashQueue({ concurrency: 1, length: 1 })
  const gate = Promise.withResolvers<void>()
  const first = queue.run(() => gate.promise, patient)
  const second = queue.run(async () => 'second', patient)
  t.same(await queue.run(async () => 'third', patient), fail('unavailable'))
  t.same(queue.load, { running: 1, waiting: 1, refused: 1 })
  gate.resolve()
  t.same(await first, ok(undefined))
  t.same(await second, ok('second'))
  t.same(await queue.run(async () => 'fourth', patient), ok('fourth'))
  t.same(queue.load, { running: 0, waiting: 0, refused: 1 })
})

test('who would wait for too long is refused at once, by what the tasks before took', async (t) => {
  const queue = createHashQueue({ concurrency: 1, length: 10 })
  const took = await queue.run(async () => {
    const startedAt = performance.now()
    while (performance.now() - startedAt < 20) await new Promise(setImmediate)
  }, patient)
  t.same(took, ok(undefined))
  const gate = Promise.withResolvers<void>()
  const running = queue.run(() => gate.promise, patient)
  t.equal(queue.hasRoom({ remainingMs: () => 10_000 }), true)
  t.equal(queue.hasRoom({ remainingMs: () => 20 }), false, 'its own time, and that of the one before it')
  t.same(await queue.run(async () => 'late', { remainingMs: () => 20 }), fail('unavailable'))
  gate.resolve()
  t.same(await running, ok(undefined))
})

test('a task whose caller has given up is not run', async (t) => {
  const queue = createHashQueue({ concurrency: 1, length: 1 })
  let ran = false
  const task = async () => {
    ran = true
  }
  t.same(await queue.run(task, { remainingMs: () => 0 }), fail('unavailable'))
  t.equal(ran, false)
})

test('a task that fails makes room for the next', async (t) => {
  const queue = createHashQueue({ concurrency: 1, length: 1 })
  const failing = queue.run(() => Promise.reject(new Error('broken')), patient)
  const next = queue.run(async () => 'next', patient)
  await t.rejects(failing, { message: 'broken' })
  t.same(await next, ok('next'))
})
