import { setTimeout as pause } from 'node:timers/promises'
import Fastify from 'fastify'
import { type Test, test } from 'tap'
import { pressure } from '../../src/plugins/pressure.ts'
import { problemDetails } from '../../src/plugins/problem-details.ts'

const TURN_MS = 60

async function start(t: Test, startMs: number) {
  const app = Fastify()
  await app.register(problemDetails)
  await app.register(pressure, { maxLoopDelayMs: 20, startMs })
  app.get('/asked', { config: { access: 'public' } }, async () => 'answered')
  app.get('/healthz', async () => 'up')
  await app.ready()
  t.teardown(() => app.close())
  return app
}

/** Keeps the process busy for longer than it may be, turn after turn. */
function keepBusy(): () => void {
  const timer = setInterval(() => {
    const end = performance.now() + TURN_MS
    while (performance.now() < end);
  }, 1)
  return () => clearInterval(timer)
}

test('a process that does not get round to its work refuses requests at once, and not those for its health', async (t) => {
  const app = await start(t, 0)
  const until = async (status: number) => {
    for (;;) {
      const answer = await app.inject('/asked')
      if (answer.statusCode === status) return answer
      await pause(10)
    }
  }
  const rest = keepBusy()
  const refused = await until(503)
  t.match(refused.json(), { code: 'unavailable' })
  t.equal(refused.headers['retry-after'], '1')
  t.equal((await app.inject('/healthz')).statusCode, 200)
  rest()
  t.equal((await until(200)).body, 'answered', 'once it has caught up')
})

test('a process that has only just started refuses nothing', async (t) => {
  const app = await start(t, 60_000)
  const rest = keepBusy()
  while (!app.isUnderPressure()) await pause(10)
  t.equal((await app.inject('/asked')).body, 'answered')
  rest()
})
