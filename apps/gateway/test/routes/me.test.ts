import { ok } from '@latchkey/contracts/errors'
import type { TimelineEntry } from '@latchkey/contracts/timeline'
import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { startGateway } from '../gateway.ts'
import { LAST_ACTIVE_AT } from '../stand-ins.ts'

const nats = await startNats(t)
const admin = '019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b21'
const entry: TimelineEntry = {
  id: 'entry-0001',
  kind: 'signed_in',
  occurredAt: '2026-11-21T09:30:00.000Z',
  sessionId: null,
  device: { name: '=cmd "x", y', ip: '203.0.113.7' },
  reason: null,
  fields: [],
  actor: { kind: 'admin', id: admin }
}

t.test('the profile is the user and when they were last active', async (t) => {
  const { app, bearer, signedIn } = await startGateway(t, { natsUrl: nats.url })
  const { body } = await app.inject({ url: '/v1/me', headers: bearer })
  t.same(JSON.parse(body), { ...signedIn.user, lastActiveAt: LAST_ACTIVE_AT })
})

t.test('a change of the profile passes on what is there, null too, and when the session was opened', async (t) => {
  const asked: unknown[] = []
  const { app, bearer, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    auth: {
      updateProfile: async (request) => {
        asked.push(request)
        return ok({ ...signedIn.user, firstName: null })
      }
    }
  })
  const payload = { firstName: null, email: 'new@example.com' }
  const res = await app.inject({ method: 'PATCH', url: '/v1/me', headers: bearer, payload })
  t.equal(res.json().firstName, null)
  const { user, session } = signedIn
  t.same(asked, [{ userId: user.id, authenticatedAt: session.createdAt, changes: payload }])
  const refused = await app.inject({ method: 'PATCH', url: '/v1/me', headers: bearer, payload: { role: 'admin' } })
  t.match(refused.json(), { status: 400, errors: [{ field: 'role', code: 'unknown_property' }] })
})

t.test('the timeline comes as JSON, or as CSV in which nothing runs', async (t) => {
  const { app, bearer } = await startGateway(t, {
    natsUrl: nats.url,
    activity: { listTimeline: async () => ok({ items: [entry], nextCursor: 'next+page' }) }
  })
  const json = await app.inject({ url: '/v1/me/activity?kind=signed_in&limit=1', headers: bearer })
  t.match(json.json(), { status: { state: 'active' }, items: [entry], nextCursor: 'next+page' })

  const csv = await app.inject({
    url: '/v1/me/activity?kind=signed_in&cursor=this',
    headers: { ...bearer, accept: 'text/csv' }
  })
  t.equal(csv.headers['content-type'], 'text/csv; charset=utf-8')
  t.equal(csv.headers.link, '</v1/me/activity?kind=signed_in&cursor=next%2Bpage>; rel="next"')
  t.same(csv.body.split('\r\n'), [
    'occurredAt,kind,sessionId,device,ip,reason,fields,role,actor,actorId',
    `2026-11-21T09:30:00.000Z,signed_in,,"'=cmd ""x"", y",203.0.113.7,,,,admin,${admin}`,
    ''
  ])
})
