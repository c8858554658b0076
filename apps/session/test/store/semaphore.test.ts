import { test } from 'tap'
import { StoreUnavailable } from '../../src/domain/ports.ts'
import { createSemaphore } from '../../src/store/semaphore.ts'

const LIMITS = { maxWaiting: 3, burstMs: 1000, burstWaitMs: 800, maxWaitMs: 400, onRefused: () => undefined }
const refusal = { status: 'rejected', reason: StoreUnavailable }

/** A semaphore whose clock the test moves, and commands that end when the test says so. */
function setUp(maxUnderWay: number) {
  const clock = { nowMs: 0 }
  const inTurn = createSemaphore({ ...LIMITS, maxUnderWay, nowMs: () => clock.nowMs })
  const begun: { name: string; end(): void }[] = []
  const ask = (name: string) =>
    inTurn(() => {
      const { promise, resolve } = Promise.withResolvers<string>()
      begun.push({ name, end: () => resolve(name) })
      return promise
    })
  /** Those that have begun, once everything has had its turn. */
  const listBegun = async () => {
    await new Promise((resolve) => setImmediate(resolve))
    return begun.map(({ name }) => name)
  }
  const endLatest = async () => {
    await listBegun()
    begun.at(-1)?.end()
    return await listBegun()
  }
  return { clock, ask, endLatest, listBegun }
}

test('so many are under way at once, and a burst is served in the order in which it came', async (t) => {
  const { ask, endLatest, listBegun } = setUp(2)
  for (const name of ['a', 'b', 'c', 'd']) void ask(name)
  t.same(await listBegun(), ['a', 'b'])
  t.same(await endLatest(), ['a', 'b', 'c'])
  t.same(await endLatest(), ['a', 'b', 'c', 'd'])
  await endLatest()
  const next = ask('e')
  t.same(await listBegun(), ['a', 'b', 'c', 'd', 'e'], 'a place that is free is taken at once')
  await endLatest()
  t.equal(await next, 'e')
})

test('in a burst whoever has waited too long is refused, also while nothing ends', async (t) => {
  const { clock, ask, listBegun } = setUp(1)
  void ask('first')
  const early = ask('second')
  clock.nowMs = 801
  void ask('third')
  t.match(await Promise.allSettled([early]), [refusal])
  t.same(await listBegun(), ['first'])
})

test('where more come than can be served the latest is served first, and patience is shorter', async (t) => {
  const { clock, ask, endLatest } = setUp(1)
  void ask('first')
  const second = Promise.allSettled([ask('second')])
  clock.nowMs = 700
  const later = ['third', 'fourth'].map(ask)
  clock.nowMs = 1001
  t.same(await endLatest(), ['first', 'fourth'], 'somebody has waited all the time')
  t.match(await second, [refusal])
  t.same(await endLatest(), ['first', 'fourth', 'third'])
  await endLatest()
  t.same(await Promise.all(later), ['third', 'fourth'])
})

test('where too many wait, whoever has waited longest is refused at once', async (t) => {
  const { ask, endLatest } = setUp(1)
  const [, second, ...others] = ['first', 'second', 'third', 'fourth', 'fifth'].map(ask)
  t.match(await Promise.allSettled([second]), [refusal])
  for (const name of ['third', 'fourth', 'fifth']) t.equal((await endLatest()).at(-1), name)
  await endLatest()
  t.same(await Promise.all(others), ['third', 'fourth', 'fifth'])
})

test('a command that fails leaves its place to the next', async (t) => {
  const inTurn = createSemaphore({ ...LIMITS, maxUnderWay: 1, nowMs: () => 0 })
  const failed = inTurn(() => Promise.reject(new Error('broken')))
  const next = inTurn(async () => 'done')
  await t.rejects(failed, { message: 'broken' })
  t.equal(await next, 'done')
})
