import { fail, ok } from '@latchkey/contracts/errors'
import type { TimelineEntry } from '@latchkey/contracts/timeline'
import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { startGateway } from '../gateway.ts'

const nats = await startNats(t)
const adminId = '019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b21'

t.test('deleting the own account passes the password on and clears the cookies', async (t) => {
  const asked: unknown[] = []
  const { app, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    accounts: {
      deleteOwn: async (request) => {
        asked.push(request)
        return ok({})
      }
    }
  })
  const cookie = `latchkey=${signedIn.tokens.accessToken}`
  const headers = { cookie, 'sec-fetch-site': 'same-origin' }
  const res = await app.inject({ method: 'DELETE', url: '/v1/me', headers, payload: { password: 'secret' } })
  t.equal(res.statusCode, 204)
  t.same(asked, [{ userId: signedIn.user.id, password: 'secret' }])
  t.ok(res.cookies.every(({ value }) => value === ''))
  t.ok(res.cookies.length > 0)
})

t.test('a deletion wants the password, and no cookie alone will do', async (t) => {
  const { app, bearer, signedIn } = await startGateway(t, { natsUrl: nats.url })
  const bare = await app.inject({ method: 'DELETE', url: '/v1/me', headers: bearer })
  t.equal(bare.statusCode, 400)
  const cookie = `latchkey=${signedIn.tokens.accessToken}`
  const foreign = await app.inject({ method: 'DELETE', url: '/v1/me', headers: { cookie }, payload: { password: 'p' } })
  t.match(foreign.json(), { status: 403, code: 'csrf' })
})

t.test('the export is whole, names nobody else and goes into a file', async (t) => {
  const entry = (id: string, actor: NonNullable<TimelineEntry['actor']>): TimelineEntry => ({
    id,
    kind: 'session_ended',
    occurredAt: '2026-11-21T09:30:00.000Z',
    sessionId: null,
    device: null,
    reason: null,
    fields: [],
    actor
  })
  const { app, bearer, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    activity: {
      listTimeline: async ({ userId, cursor }) =>
        cursor === null
          ? ok({ items: [entry('entry-0001', { kind: 'admin', id: adminId })], nextCursor: 'more' })
          : ok({ items: [entry('entry-0002', { kind: 'user', id: userId })], nextCursor: null })
    }
  })
  const res = await app.inject({ url: '/v1/me/export', headers: bearer })
  t.equal(res.headers['content-disposition'], 'attachment; filename="my-data.json"')
  t.equal(res.headers['cache-control'], 'no-store')
  t.notMatch(res.body, adminId)
  const { id, number } = signedIn.user
  t.match(res.json(), {
    account: { profile: { id, number }, hasPassword: true },
    status: { state: 'active' },
    sessions: [{ id: signedIn.session.id }],
    devices: [],
    timeline: [
      { id: 'entry-0001', actor: { kind: 'admin', id: null } },
      { id: 'entry-0002', actor: { kind: 'user', id } }
    ]
  })
})

t.test('an export says when its user was signed in, and hands on that this is too long ago', async (t) => {
  const { app, bearer, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    accounts: {
      getData: async ({ authenticatedAt }) => {
        t.equal(authenticatedAt, signedIn.session.createdAt)
        return fail('reauthentication_required')
      }
    }
  })
  const res = await app.inject({ url: '/v1/me/export', headers: bearer })
  t.match(res.json(), { status: 403, code: 'reauthentication_required' })
})
