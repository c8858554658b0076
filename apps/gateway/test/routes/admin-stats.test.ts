import { fail } from '@latchkey/contracts/errors'
import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { startGateway } from '../gateway.ts'
import { MINUTES } from '../stand-ins.ts'

const nats = await startNats(t)
const url = '/v1/admin/stats'

t.test('an admin sees one chart of what both services count', async (t) => {
  const { app, bearer } = await startGateway(t, { natsUrl: nats.url, role: 'admin' })
  const res = await app.inject({ url, headers: bearer })
  t.equal(res.statusCode, 200)
  const { points, ...totals } = res.json()
  t.same(totals, {
    liveSessions: 1,
    activeUsers: 1,
    signIns: 60,
    failures: 60,
    blocked: 0,
    revokeLatencyMs: { p50: 1.2, p99: null }
  })
  t.same(
    points,
    MINUTES.map((at) => ({ at, signIns: 1, revokeP99Ms: null, activeUsers: 1, failures: 1, blocked: 0 }))
  )
})

t.test('a minute that only one service has reached is empty for the other', async (t) => {
  const points = MINUTES.map((at) => ({ at, activeUsers: 2, failures: 2, blocked: 2 })).with(-1, {
    at: '2026-11-21T23:00:00.000Z',
    activeUsers: 9,
    failures: 9,
    blocked: 9
  })
  const getStats = async () => ({ ok: true, value: { activeUsers: 2, failures: 2, blocked: 2, points } }) as const
  const { app, bearer } = await startGateway(t, { natsUrl: nats.url, role: 'admin', activity: { getStats } })
  const answer = (await app.inject({ url, headers: bearer })).json()
  t.equal(answer.points.length, 60)
  t.match(answer.points.at(-1), { at: MINUTES.at(-1), signIns: 1, activeUsers: 0, failures: 0, blocked: 0 })
  t.match(answer.points.at(-2), { at: MINUTES.at(-2), signIns: 1, activeUsers: 2, failures: 2, blocked: 2 })
})

t.test('nobody but an admin sees it', async (t) => {
  const { app, bearer } = await startGateway(t, { natsUrl: nats.url })
  t.equal((await app.inject({ url, headers: bearer })).statusCode, 403)
  t.equal((await app.inject({ url })).statusCode, 401)
})

t.test('half of it is not shown', async (t) => {
  const activity = { getStats: async () => fail('unavailable') }
  const { app, bearer } = await startGateway(t, { natsUrl: nats.url, role: 'admin', activity })
  t.equal((await app.inject({ url, headers: bearer })).statusCode, 503)
})
