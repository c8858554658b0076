import { fail, ok } from '@latchkey/contracts/errors'
import type { PlatformEntry } from '@latchkey/contracts/timeline'
import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { startGateway } from '../gateway.ts'

const nats = await startNats(t)
const userId = '019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b21'
const { userId: _, ...entry } = {
  id: 'entry-0001',
  userId,
  kind: 'role_changed',
  occurredAt: '2026-11-21T09:30:00.000Z',
  sessionId: null,
  device: null,
  reason: null,
  fields: [],
  actor: { kind: 'admin', id: userId },
  role: 'admin'
} satisfies PlatformEntry

t.test('an admin asks what happened to anybody, narrowed as they like', async (t) => {
  const asked: unknown[] = []
  const { app, bearer } = await startGateway(t, {
    natsUrl: nats.url,
    role: 'admin',
    activity: {
      listEvents: async (request) => {
        asked.push(request)
        return ok({ items: [{ userId, ...entry }], nextCursor: 'next' })
      }
    }
  })
  const list = (query: string) => app.inject({ url: `/v1/admin/events${query}`, headers: bearer })
  t.same((await list('')).json(), { items: [{ userId, ...entry }], nextCursor: 'next' })
  const [from, to] = ['2026-11-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z']
  await list(`?kind=role_changed&user=${userId}&from=${from}&to=${to}&limit=7&cursor=here`)
  t.same(asked, [
    { userId: null, kind: null, from: null, to: null, limit: 50, cursor: null },
    { userId, kind: 'role_changed', from, to, limit: 7, cursor: 'here' }
  ])
  for (const [query, field] of [
    ['kind=nothing', 'kind'],
    ['user=ada', 'user'],
    ['from=yesterday', 'from'],
    ['to=2026', 'to'],
    ['limit=0', 'limit'],
    ['colour=red', 'colour']
  ] as const) {
    t.match((await list(`?${query}`)).json(), { status: 400, code: 'invalid_request', errors: [{ field }] }, query)
  }
})

t.test("an admin sees a user's status and timeline, as JSON and as CSV", async (t) => {
  const { app, bearer, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    role: 'admin',
    activity: { listTimeline: async () => ok({ items: [entry], nextCursor: 'next' }) }
  })
  const url = `/v1/admin/users/${signedIn.user.id}/activity`
  t.match((await app.inject({ url, headers: bearer })).json(), { status: { state: 'active' }, items: [entry] })
  const csv = await app.inject({ url: `${url}?limit=1`, headers: { ...bearer, accept: 'text/csv' } })
  t.match(csv.headers, { 'content-type': /^text\/csv/, link: `<${url}?limit=1&cursor=next>; rel="next"` })
  t.equal(csv.body.split('\r\n')[1], `2026-11-21T09:30:00.000Z,role_changed,,,,,,admin,admin,${userId}`)
})

t.test('of a user who is not there, or has no id of one, nothing is told', async (t) => {
  const { app, bearer } = await startGateway(t, {
    natsUrl: nats.url,
    role: 'admin',
    auth: { getUser: async () => fail('user_not_found') }
  })
  for (const id of [userId, 'nobody']) {
    const res = await app.inject({ url: `/v1/admin/users/${id}/activity`, headers: bearer })
    t.match(res.json(), { status: 404, code: 'user_not_found' }, id)
  }
})

t.test('nobody else may ask', async (t) => {
  const { app, bearer } = await startGateway(t, { natsUrl: nats.url })
  for (const url of ['/v1/admin/events', `/v1/admin/users/${userId}/activity`]) {
    t.match((await app.inject({ url, headers: bearer })).json(), { status: 403, code: 'forbidden' })
    t.match((await app.inject(url)).json(), { status: 401, code: 'unauthenticated' })
  }
})
