import { fail, ok } from '@latchkey/contracts/errors'
import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { startGateway } from '../gateway.ts'
import { LAST_ACTIVE_AT } from '../stand-ins.ts'

const nats = await startNats(t)

t.test('the list is of users with when they were last active, and passes the question and the page on', async (t) => {
  const asked: unknown[] = []
  const { app, bearer, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    role: 'admin',
    admin: {
      listUsers: async (request) => {
        asked.push(request)
        return ok({ items: [{ ...signedIn.user, block: null }], nextCursor: 'u1' })
      }
    }
  })
  const list = async (query: string) => (await app.inject({ url: `/v1/admin/users${query}`, headers: bearer })).json()
  t.same(await list(''), {
    items: [{ ...signedIn.user, lastActiveAt: LAST_ACTIVE_AT, block: null }],
    nextCursor: 'u1'
  })
  await list('?query=ada&state=blocked&role=admin&limit=7&cursor=u9')
  t.same(asked, [
    { query: null, state: null, role: null, limit: 50, cursor: null },
    { query: 'ada', state: 'blocked', role: 'admin', limit: 7, cursor: 'u9' }
  ])
  for (const query of ['?state=gone', '?role=root', '?limit=0', '?limit=101', '?sort=email']) {
    t.match(await list(query), { status: 400, code: 'invalid_request' }, query)
  }
})

t.test('without the activity service users are shown all the same', async (t) => {
  const { app, bearer, signedIn } = await startGateway(t, { natsUrl: nats.url, role: 'admin', absent: ['activity'] })
  const { items } = (await app.inject({ url: '/v1/admin/users', headers: bearer })).json()
  t.same(items, [{ ...signedIn.user, lastActiveAt: null, block: null }])
})

t.test('one user comes with the block and the live sessions', async (t) => {
  const block = {
    reason: 'admin',
    blockedUntil: null,
    blockedAt: LAST_ACTIVE_AT,
    blockedBy: null,
    note: 'spam'
  } as const
  const { app, bearer, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    role: 'admin',
    admin: { getUser: async () => ok({ ...signedIn.user, block }) }
  })
  const found = (await app.inject({ url: `/v1/admin/users/${signedIn.user.id}`, headers: bearer })).json()
  const { sessions, ...user } = found
  t.same(user, { ...signedIn.user, lastActiveAt: LAST_ACTIVE_AT, block })
  t.match(sessions, [{ id: signedIn.session.id, current: true }])
  t.notOk('userId' in sessions[0])
})

t.test('a role is changed in the name of the admin who asks; nothing else can be changed here', async (t) => {
  const asked: unknown[] = []
  const { app, bearer, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    role: 'admin',
    admin: {
      setRole: async (request) => {
        asked.push(request)
        return ok({ ...signedIn.user, role: request.role, block: null })
      }
    }
  })
  const url = `/v1/admin/users/${signedIn.user.id}`
  const change = (payload: object) => app.inject({ method: 'PATCH', url, headers: bearer, payload })
  t.match((await change({ role: 'user' })).json(), { role: 'user', lastActiveAt: LAST_ACTIVE_AT })
  const { id } = signedIn.user
  t.same(asked, [{ userId: id, role: 'user', actor: { kind: 'admin', id } }])
  for (const payload of [{}, { role: 'root' }, { role: 'user', email: 'x@example.com' }]) {
    t.match((await change(payload)).json(), { status: 400, code: 'invalid_request' })
  }
})

t.test("whoever does not exist is not found, and so is what is nobody's id", async (t) => {
  const { app, bearer } = await startGateway(t, {
    natsUrl: nats.url,
    role: 'admin',
    session: { end: async () => fail('session_not_found'), endAll: async () => ok({ ended: 0 }) }
  })
  for (const id of ['019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b00', 'nobody', '%00', "'", '1']) {
    const base = `/v1/admin/users/${id}`
    const calls = [
      { method: 'GET', url: base },
      { method: 'PATCH', url: base, payload: { role: 'user' } },
      { method: 'GET', url: `${base}/sessions` },
      { method: 'DELETE', url: `${base}/sessions` },
      { method: 'DELETE', url: `${base}/sessions/x` },
      { method: 'PUT', url: `${base}/block`, payload: {} },
      { method: 'DELETE', url: `${base}/block` }
    ] as const
    for (const call of calls) {
      const { method, url } = call
      t.match(
        (await app.inject({ ...call, headers: bearer })).json(),
        { status: 404, code: 'user_not_found' },
        `${method} ${url}`
      )
    }
  }
})
