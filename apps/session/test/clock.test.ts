import { test } from 'tap'
import { call, getValue, startApp } from './start-app.ts'
import { until } from './until.ts'

const HOUR_MS = 3_600_000
const { now } = Date

for (const offsetMs of [HOUR_MS, -HOUR_MS]) {
  test(`a clock that is off by ${offsetMs} ms is noticed, and the time that is told is that of Redis`, async (t) => {
    const { app, sessions } = await startApp(t)
    t.teardown(() => {
      Date.now = now
    })
    Date.now = () => now() + offsetMs
    await until(async () => (await app.inject('/readyz')).json().checks.clock === 'failing')
    const { nowMs } = getValue(await sessions.getTime({}, call))
    t.ok(Math.abs(nowMs - now()) < HOUR_MS / 2)
    Date.now = now
    await until(async () => (await app.inject('/readyz')).statusCode === 200)
  })
}
