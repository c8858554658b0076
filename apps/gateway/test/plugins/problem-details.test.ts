import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { startGateway } from '../gateway.ts'

const nats = await startNats(t)

t.test('an address where there is nothing is 404 and not repeated', async (t) => {
  const { app } = await startGateway(t, { natsUrl: nats.url })
  for (const url of ['/', '/v2/me', '/v1/nothing-7c1d', `/${'a'.repeat(3000)}`]) {
    const res = await app.inject(url)
    t.equal(res.statusCode, 404)
    t.match(res.json(), { type: 'urn:latchkey:problem:not_found', code: 'not_found', status: 404 })
    t.notMatch(res.body, /nothing-7c1d|aaaa/)
    t.match(res.headers['content-type'], /^application\/problem\+json/)
    t.equal(res.headers['x-request-id'], res.json().requestId)
  }
})

t.test('a method that an address does not have is 405 and names those it has', async (t) => {
  const { app } = await startGateway(t, { natsUrl: nats.url })
  const cases = [
    ['PUT', '/v1/sessions', 'GET, POST, DELETE'],
    ['POST', '/v1/sessions/current', 'GET, DELETE'],
    ['GET', '/v1/sessions/refresh', 'POST'],
    ['PATCH', '/v1/sessions/abc', 'DELETE'],
    ['PUT', '/v1/me?x=1', 'GET, PATCH, DELETE'],
    ['POST', '/healthz', 'GET']
  ] as const
  for (const [method, url, expected] of cases) {
    const res = await app.inject({ method, url })
    t.equal(res.statusCode, 405, url)
    t.match(res.json(), { code: 'method_not_allowed' })
    const allowed = String(res.headers.allow).split(', ')
    for (const each of expected.split(', ')) t.ok(allowed.includes(each), `${url} ${each}`)
    t.notOk(allowed.includes(method))
  }
})

t.test('what a service throws stays in the log', async (t) => {
  const lines: string[] = []
  const { app } = await startGateway(t, {
    natsUrl: nats.url,
    log: { write: (line) => lines.push(line) },
    auth: {
      signIn: async () => {
        throw new Error('select secret from passwords')
      }
    }
  })
  const payload = { identifier: 'ada', password: 'canary-4b8e9b51' }
  const res = await app.inject({ method: 'POST', url: '/v1/sessions', payload })
  t.equal(res.statusCode, 500)
  t.same(Object.keys(res.json()), ['type', 'title', 'status', 'code', 'requestId'])
  t.match(res.json(), { code: 'internal', title: 'Something went wrong' })
  const log = lines.join('')
  t.match(log, 'select secret')
  t.notMatch(log, 'canary-4b8e9b51')
  t.match(log, `"requestId":"${res.json().requestId}","method":"POST","route":"/v1/sessions","status":500`)
})

t.test('a reply that breaks its contract is internal, never half an answer', async (t) => {
  const { app, bearer } = await startGateway(t, {
    natsUrl: nats.url,
    session: { check: (async () => ({ ok: true, value: { user: {}, session: {} } })) as never }
  })
  t.match((await app.inject({ url: '/v1/me', headers: bearer })).json(), { code: 'internal', status: 500 })
})

t.test('answers carry the header fields that keep browsers careful', async (t) => {
  const { app, bearer } = await startGateway(t, { natsUrl: nats.url })
  for (const call of [{ url: '/v1/me', headers: bearer }, { url: '/v1/me' }, { url: '/nowhere' }]) {
    const { headers } = await app.inject(call)
    t.equal(headers['x-content-type-options'], 'nosniff')
    t.match(headers['content-security-policy'], /default-src 'none'.*frame-ancestors 'none'/)
    t.equal(headers['referrer-policy'], 'no-referrer')
    t.equal(headers['cache-control'], 'no-store')
    t.notOk('strict-transport-security' in headers || 'server' in headers || 'x-powered-by' in headers)
  }
})
