import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { fail, ok } from '@latchkey/contracts/errors'
import { startNats } from '@latchkey/testing/stores'
import t, { type Test } from 'tap'
import { startAuthority, untilVerdicts } from '../authority.ts'
import { startGateway } from '../gateway.ts'
import { createProfile, createSession, LASTING } from '../stand-ins.ts'
import { createClaims, createToken } from '../tokens.ts'

const nats = await startNats(t)
const authority = await startAuthority(t, nats.url)
const PATH = '/v1/sessions/current'
const ENDED = { reason: 'revoked_by_user', endedAt: '2026-11-21T09:30:00.000Z' } as const

interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

interface Sent {
  readonly method?: string
  readonly url?: string
  readonly headers?: Record<string, string>
}

/** A gateway that listens and has answered once, so that the next plain request of the token may be answered first thing. */
async function startListening(t: Test) {
  const state = { ended: false }
  const gateway = await startGateway(t, {
    natsUrl: nats.url,
    session: {
      check: async ({ sessionId: id, userId }) => {
        if (state.ended) return fail('session_ended', ENDED)
        return ok({ user: createProfile({ id: userId }), session: createSession(userId, { id }), ...LASTING })
      }
    }
  })
  const { app, bearer } = gateway
  await untilVerdicts(app, 'cached')
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  const ask = async ({ method = 'GET', url = PATH, headers = {} }: Sent = {}): Promise<Answer> => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const sent = httpRequest(`${origin}${url}`, { method, headers: { ...bearer, ...headers } }, async (response) => {
      resolve({ status: response.statusCode, headers: response.headers, body: await text(response) })
    })
    sent.once('error', reject).end()
    return await promise
  }
  /** How many requests were answered before the framework had begun with them. */
  const countExpress = async (): Promise<number> => {
    const { body } = await app.inject('/metrics')
    return Number(/^latchkey_http_express_requests_total\{[^}]*\} (\d+)/m.exec(body)?.[1] ?? 0)
  }
  /** Asks until it was answered that way: a lease may lapse on a busy machine. */
  const askExpress = async (sent: Sent = {}): Promise<Answer> => {
    for (;;) {
      const before = await countExpress()
      const answer = await ask(sent)
      if ((await countExpress()) > before) return answer
      await untilVerdicts(app, 'cached')
    }
  }
  t.equal((await ask()).status, 200)
  return { ...gateway, ask, askExpress, countExpress, state }
}

t.test('a plain request gets the answer of the route, field by field', async (t) => {
  const { askExpress, app, bearer } = await startListening(t)
  const headers = { 'x-request-id': 'client-made-1' }
  const express = await askExpress({ headers })
  const ordinary = await app.inject({ url: PATH, headers: { ...bearer, ...headers } })

  t.equal(express.status, 200)
  const { date: _d, connection: _c, 'keep-alive': _k, ...fields } = express.headers
  const { date: _date, connection: _connection, ...expected } = ordinary.headers
  t.same(fields, { ...expected, 'content-length': String(expected['content-length']) })
  t.match(express.headers, { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', vary: 'Origin' })
  const { user, session } = JSON.parse(express.body)
  const known = ordinary.json()
  t.same(user, { ...known.user, lastActiveAt: user.lastActiveAt })
  t.same(session, { ...known.session, lastSeenAt: session.lastSeenAt, idleExpiresAt: session.idleExpiresAt })
})

t.test('each answer has an id of its own, and tells of the use just made', async (t) => {
  const { askExpress } = await startListening(t)
  const before = new Date(Date.now() - 1).toISOString()
  const answers = [await askExpress(), await askExpress()]
  t.equal(new Set(answers.map(({ headers }) => headers['x-request-id'])).size, 2)
  for (const { body } of answers) t.ok(JSON.parse(body).user.lastActiveAt >= before)
})

t.test('whatever is not plain goes the ordinary way', async (t) => {
  const { ask, countExpress } = await startListening(t)
  const others: readonly [Sent, number][] = [
    [{ headers: { origin: 'https://elsewhere.example' } }, 200],
    [{ headers: { 'x-unheard-of': '1' } }, 200],
    [{ headers: { authorization: 'Bearer abc.def.ghi' } }, 401],
    [{ headers: { authorization: 'Basic abc' } }, 401],
    [{ url: `${PATH}?x=1` }, 200],
    [{ url: PATH.replace('sessions', '%73essions') }, 200],
    [{ method: 'HEAD' }, 200],
    [{ method: 'POST' }, 405]
  ]
  // Twice: what was answered once opens no way for the next.
  for (const [sent, status] of [...others, ...others]) t.equal((await ask(sent)).status, status, JSON.stringify(sent))
  t.equal(await countExpress(), 0)
})

t.test('once an end is announced no request is answered that way', async (t) => {
  const { ask, askExpress, countExpress, state, signedIn } = await startListening(t)
  await askExpress()
  state.ended = true
  t.ok((await authority.announce([{ kind: 'session', id: signedIn.session.id }], { timeoutMs: 5000 })).ok)
  const before = await countExpress()
  for (const _ of [1, 2]) {
    const refused = await ask()
    t.equal(refused.status, 401)
    t.match(JSON.parse(refused.body), { code: 'session_ended', ...ENDED })
  }
  t.equal(await countExpress(), before)
})

t.test('a kept verdict is over with its token, whichever way its requests are answered', async (t) => {
  const { ask, app, countExpress, key, signedIn } = await startListening(t)
  const exp = Math.floor(Date.now() / 1000) + 2
  const claims = createClaims({ sub: signedIn.user.id, sid: signedIn.session.id, exp })
  const headers = { authorization: `Bearer ${createToken(key, { claims })}` }
  const askBothWays = async () => [await ask({ headers }), await app.inject({ url: PATH, headers })] as const

  const [express, ordinary] = await askBothWays()
  t.same([express.status, ordinary.statusCode], [200, 200])
  const { hits } = app.verdicts.state
  const before = await countExpress()
  // Used all the while: session and user would last for an hour.
  while (Date.now() < exp * 1000) {
    await askBothWays()
    await setTimeout(10)
  }
  t.ok(app.verdicts.state.hits > hits, 'what was kept has answered')
  t.ok((await countExpress()) > before)
  for (const { body } of await askBothWays()) t.match(JSON.parse(body), { status: 401, code: 'token_expired' })
})
