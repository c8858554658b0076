import { createHash } from 'node:crypto'
import { fail, failField, ok, type Result } from '@latchkey/contracts/errors'
import { startNats } from '@latchkey/testing/stores'
import type { InjectOptions } from 'fastify'
import t from 'tap'
import { startGateway } from '../gateway.ts'

const nats = await startNats(t)
const pages = ['/v1/email-verifications/token', '/v1/password-resets/token', '/v1/session-reports/token']
const html = { accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8' }

/** As a browser sends a form. */
function submit(url: string, fields: Record<string, string> = {}): InjectOptions {
  const headers = { ...html, 'content-type': 'application/x-www-form-urlencoded', origin: 'null' }
  return { method: 'POST', url, headers, payload: new URLSearchParams(fields).toString() }
}

t.test('a page of a link asks nobody, runs nothing and sends its form to itself alone', async (t) => {
  const { app } = await startGateway(t, { natsUrl: nats.url, absent: ['auth'] })
  for (const url of pages) {
    const res = await app.inject({ url, headers: html })
    t.equal(res.statusCode, 200)
    t.equal(res.headers['content-type'], 'text/html; charset=utf-8')
    t.equal(res.headers['cache-control'], 'no-store')
    t.equal(res.headers['referrer-policy'], 'no-referrer')
    const style = /<style>([^<]*)<\/style>/.exec(res.body)?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    t.equal(
      res.headers['content-security-policy'],
      `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`
    )
    t.equal(res.body.match(/<form method="post">/g)?.length, 1)
    t.notMatch(res.body, /<script|href=|src=|action=|token/)
  }
})

t.test('a form uses the link, and a person is answered with a page', async (t) => {
  const asked: unknown[] = []
  const note = async (request: unknown) => {
    asked.push(request)
    return ok({})
  }
  const recovery = { verifyEmail: note, resetPassword: note, reportSession: note }
  const { app } = await startGateway(t, { natsUrl: nats.url, recovery })
  for (const url of pages) {
    const res = await app.inject(submit(url, { newPassword: 'a b&c=d+ö' }))
    t.equal(res.statusCode, 200, url)
    t.match(res.body, '<h1>')
    t.notMatch(res.body, '<form')
  }
  t.same(asked, [{ token: 'token' }, { token: 'token', newPassword: 'a b&c=d+ö' }, { token: 'token' }])
})

t.test('a program is answered with 204, or a problem document', async (t) => {
  let answer: Result<object, 'link_invalid'> = ok({})
  const { app } = await startGateway(t, { natsUrl: nats.url, recovery: { reportSession: async () => answer } })
  const report = (headers = {}) => app.inject({ method: 'POST', url: '/v1/session-reports/token', headers })
  t.equal((await report()).statusCode, 204)
  t.equal((await report({ accept: '*/*' })).statusCode, 204)
  answer = fail('link_invalid')
  t.match((await report()).json(), { status: 404, code: 'link_invalid' })
  const page = await report(html)
  t.equal(page.statusCode, 404)
  t.match(page.body, '<h1>The link is not valid any more</h1>')
})

t.test('a person whose password is refused reads why, escaped, and tries again', async (t) => {
  const refusal = failField('newPassword', 'too_short', 'must have <at least> 8 characters')
  const { app } = await startGateway(t, { natsUrl: nats.url, recovery: { resetPassword: async () => refusal } })
  const res = await app.inject(submit('/v1/password-resets/token', { newPassword: 'short' }))
  t.equal(res.statusCode, 400)
  t.match(res.body, '<p>This must have &lt;at least&gt; 8 characters.</p>')
  t.match(res.body, '<form')
})

t.test('a service that is away is a problem document for people too', async (t) => {
  const { app } = await startGateway(t, { natsUrl: nats.url, absent: ['auth'] })
  const res = await app.inject(submit('/v1/session-reports/token'))
  t.equal(res.statusCode, 503)
  t.match(res.json(), { code: 'unavailable' })
})

t.test('forms are taken where a page of a link sends them, and nowhere else', async (t) => {
  const { app, bearer } = await startGateway(t, { natsUrl: nats.url })
  const elsewhere: InjectOptions[] = [
    { ...submit('/v1/password-resets', { email: 'ada@example.com' }) },
    { ...submit('/v1/password-resets/token', { newPassword: 'p' }), method: 'PUT' },
    { ...submit('/v1/sessions', { identifier: 'ada', password: 'p' }) }
  ]
  for (const call of elsewhere) t.equal((await app.inject(call)).statusCode, 415, `${call.method} ${call.url}`)
  const form = submit('/v1/email-verifications')
  const res = await app.inject({ ...form, payload: 'a=b', headers: { ...form.headers, ...bearer } })
  t.equal(res.statusCode, 415)
})

t.test('a reset names the address as it was entered and where the request came from', async (t) => {
  const asked: unknown[] = []
  const { app } = await startGateway(t, {
    natsUrl: nats.url,
    recovery: {
      requestReset: async (request) => {
        asked.push(request)
        return ok({})
      }
    }
  })
  const post = (payload: object) => app.inject({ method: 'POST', url: '/v1/password-resets', payload })
  t.equal((await post({ email: 'Ada@Example.com' })).statusCode, 202)
  t.match(asked, [{ email: 'Ada@Example.com', client: { ipAddress: '127.0.0.1' } }])
  for (const payload of [
    {},
    { email: 5 },
    { email: ['a@b.c'] },
    { email: null },
    { email: '' },
    { email: 'a', x: 1 }
  ]) {
    t.match((await post(payload)).json(), { status: 400, code: 'invalid_request' })
  }
  t.equal(asked.length, 1)
})
