import { fail, ok } from '@latchkey/contracts/errors'
import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { startGateway } from '../gateway.ts'

const nats = await startNats(t)
const type = { 'content-type': 'application/x-ndjson' }
const url = '/v1/admin/users/import'

t.test('an import answers a report a line and is kept by no cache', async (t) => {
  const { app, bearer, signedIn } = await startGateway(t, {
    natsUrl: nats.url,
    role: 'admin',
    accounts: {
      import: async ({ adminId, users }) => {
        t.equal(adminId, signedIn.user.id)
        return ok({ imported: users.length, faults: [] })
      }
    }
  })
  const payload = '{"email":"ada@example.com"}\n{"username":"bob"}\n'
  const res = await app.inject({ method: 'POST', url, headers: { ...bearer, ...type }, payload })
  t.equal(res.statusCode, 200)
  t.equal(res.headers['content-type'], 'application/x-ndjson; charset=utf-8')
  t.equal(res.headers['cache-control'], 'no-store')
  t.match(
    res.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    [{ type: 'progress' }, { type: 'done', imported: 2 }]
  )
  const empty = await app.inject({ method: 'POST', url, headers: { ...bearer, ...type }, payload: '' })
  t.match(empty.json(), { type: 'done', read: 0 })
})

t.test('users may neither import nor export', async (t) => {
  const { app, bearer } = await startGateway(t, { natsUrl: nats.url })
  const posted = await app.inject({ method: 'POST', url, headers: { ...bearer, ...type }, payload: '{}' })
  t.match(posted.json(), { status: 403, code: 'forbidden' })
  t.match((await app.inject({ url: '/v1/admin/users/export', headers: bearer })).json(), { code: 'forbidden' })
})

t.test('other types are refused, here and the type of this route elsewhere', async (t) => {
  const { app, bearer } = await startGateway(t, { natsUrl: nats.url, role: 'admin' })
  const json = await app.inject({ method: 'POST', url, headers: bearer, payload: { email: 'ada@example.com' } })
  t.match(json.json(), { status: 415, code: 'unsupported_media_type' })
  const elsewhere = await app.inject({ method: 'PATCH', url: '/v1/me', headers: { ...bearer, ...type }, payload: '{}' })
  t.equal(elsewhere.statusCode, 415)
})

t.test('a file over the limit is refused, also where its length was not told', async (t) => {
  const { app, bearer } = await startGateway(t, { natsUrl: nats.url, role: 'admin' })
  const payload = Buffer.alloc(32 * 1024 * 1024 + 1, '\n')
  const told = await app.inject({ method: 'POST', url, headers: { ...bearer, ...type }, payload })
  t.match(told.json(), { status: 413, code: 'payload_too_large' })
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  const body = new Blob([payload]).stream()
  const headers = { ...bearer, ...type }
  const untold = await fetch(`${address}${url}`, { method: 'POST', headers, body, duplex: 'half' } as RequestInit)
  t.equal(untold.status, 413)
})

t.test('of two imports at once the second is refused for now', async (t) => {
  const released = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const { app, bearer } = await startGateway(t, {
    natsUrl: nats.url,
    role: 'admin',
    accounts: {
      import: async ({ users }) => {
        begun.resolve()
        await released.promise
        return ok({ imported: users.length, faults: [] })
      }
    }
  })
  const post = () => app.inject({ method: 'POST', url, headers: { ...bearer, ...type }, payload: '{"username":"bob"}' })
  const first = post()
  await begun.promise
  const second = await post()
  t.match(second.json(), { status: 503, code: 'unavailable' })
  t.equal(second.headers['retry-after'], '1')
  released.resolve()
  t.equal((await first).statusCode, 200)
  t.equal((await post()).statusCode, 200)
})

t.test('an export pages through all users and breaks off where a batch fails', async (t) => {
  const asked: number[] = []
  const { app, bearer } = await startGateway(t, {
    natsUrl: nats.url,
    role: 'admin',
    accounts: {
      list: async ({ after }) => {
        asked.push(after)
        if (asked.length > 3) return fail('unavailable')
        return ok({ users: [{ email: `user-${after}@example.com` }], next: asked.length === 2 ? null : after + 7 })
      }
    }
  })
  const whole = await app.inject({ url: '/v1/admin/users/export', headers: bearer })
  t.equal(whole.headers['content-disposition'], 'attachment; filename="users.ndjson"')
  t.equal(whole.body, '{"email":"user-0@example.com"}\n{"email":"user-7@example.com"}\n')
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  const broken = await fetch(`${address}/v1/admin/users/export`, { headers: bearer })
  await t.rejects(broken.text())
})
