import { setTimeout as delay } from 'node:timers/promises'
import { test } from 'tap'
import { createMigratedPlace, startAuth } from './stack.ts'

const HOUR_MS = 3_600_000
const { now } = Date

test('a clock that is not that of the database is noticed, and again when it is right', async (t) => {
  const { app } = await startAuth(t, await createMigratedPlace(t))
  const untilClockIs = async (state: string) => {
    while ((await app.inject('/readyz')).json().checks.clock !== state) await delay(20)
  }
  t.teardown(() => {
    Date.now = now
  })
  await untilClockIs('ok')
  Date.now = () => now() + HOUR_MS
  await untilClockIs('failing')
  t.equal((await app.inject('/readyz')).statusCode, 503)
  Date.now = now
  await untilClockIs('ok')
})
