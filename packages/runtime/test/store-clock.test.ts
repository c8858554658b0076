import { test } from 'tap'
import { createStoreClock } from '../src/store-clock.ts'

const HOUR_MS = 3_600_000

/** A store and a machine whose clocks a test sets, and a clock between them that tolerates a second. */
function setUp() {
  const clocks = { monotonicMs: 5000, wallMs: 1_000_000, storeMs: 1_000_000, answersAfterMs: 0, isThere: true }
  const lines: string[] = []
  const passMs = (ms: number): void => {
    clocks.monotonicMs += ms
    clocks.wallMs += ms
    clocks.storeMs += ms
  }
  const clock = createStoreClock({
    store: 'the store',
    read: async () => {
      if (!clocks.isThere) throw new Error('no answer')
      const { storeMs } = clocks
      passMs(clocks.answersAfterMs)
      return storeMs
    },
    toleranceMs: 1000,
    log: { info: (_, text) => void lines.push(text), warn: (_, text) => void lines.push(text) },
    machine: { monotonicMs: () => clocks.monotonicMs, wallMs: () => clocks.wallMs }
  })
  return { clocks, passMs, clock, lines }
}

for (const [what, stepMs] of [
  ['ahead', HOUR_MS],
  ['back', -HOUR_MS]
] as const) {
  test(`a clock of the machine that is set ${what} by an hour changes no time, and is noticed`, async (t) => {
    const { clocks, passMs, clock, lines } = setUp()
    await clock.look()
    t.equal(clock.nowMs(), clocks.storeMs)
    clocks.wallMs += stepMs
    passMs(300)
    t.equal(clock.nowMs(), clocks.storeMs, 'the monotonic clock counts on')
    t.throws(() => clock.check(), { message: /the clock is -?3600000 ms ahead/ })
    await clock.look()
    await clock.look()
    t.same(lines, ['the clock of this machine is not that of the store'], 'one line, however often it is looked at')

    clocks.wallMs -= stepMs
    await clock.look()
    t.equal(lines.at(-1), 'the clock of this machine is that of the store again')
    t.doesNotThrow(() => clock.check())
  })
}

test('a clock of the machine that is tolerably right is gone by, so that times stay in order', async (t) => {
  const { clocks, passMs, clock } = setUp()
  clocks.answersAfterMs = 80
  clocks.wallMs += 7
  await clock.look()
  t.equal(clock.nowMs(), clocks.wallMs)
  passMs(300)
  t.equal(clock.nowMs(), clocks.wallMs)
})

test('until the store has told, the clock of the machine serves, and is not doubted', async (t) => {
  const { clocks, clock, lines } = setUp()
  clocks.wallMs += HOUR_MS
  clocks.isThere = false
  await clock.look()
  t.equal(clock.nowMs(), clocks.wallMs)
  t.equal(clock.knownMs(), undefined)
  t.doesNotThrow(() => clock.check())
  t.same(lines, [])
})

test('a store that is gone leaves what it told last', async (t) => {
  const { clocks, passMs, clock } = setUp()
  await clock.look()
  clocks.isThere = false
  passMs(60_000)
  await clock.look()
  t.equal(clock.knownMs(), clocks.storeMs)
})

test('a difference within what the answer took is no finding', async (t) => {
  const { clocks, clock } = setUp()
  clocks.answersAfterMs = 800
  clocks.wallMs += 900
  await clock.look()
  t.doesNotThrow(() => clock.check())
  clocks.wallMs += 600
  t.throws(() => clock.check())
})

test('an answer that took too long changes nothing', async (t) => {
  const { clocks, clock } = setUp()
  await clock.look()
  clocks.answersAfterMs = 5000
  clocks.storeMs += HOUR_MS
  await clock.look()
  t.equal(clock.nowMs(), clocks.storeMs - HOUR_MS)
})

test('looks that overlap ask once', async (t) => {
  const asked = Promise.withResolvers<number>()
  let questions = 0
  const read = () => {
    questions += 1
    return asked.promise
  }
  const log = { info: () => undefined, warn: () => undefined }
  const clock = createStoreClock({ store: 'the store', read, toleranceMs: 1000, log })
  const looks = [clock.look(), clock.look()]
  asked.resolve(Date.now())
  await Promise.all(looks)
  t.equal(questions, 1)
})

test('it looks by itself from start to stop', async (t) => {
  const read = Promise.withResolvers<void>()
  const log = { info: () => undefined, warn: () => undefined }
  const clock = createStoreClock({
    store: 'the store',
    read: async () => {
      read.resolve()
      return 42
    },
    toleranceMs: 1000,
    log
  })
  clock.start()
  t.teardown(() => clock.stop())
  await read.promise
  t.pass()
})
