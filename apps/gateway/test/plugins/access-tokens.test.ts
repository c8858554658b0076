import { request as httpRequest, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { startAuthority, untilVerdicts } from '../authority.ts'
import { startGateway } from '../gateway.ts'
import { forgeTokens } from '../hostile-tokens.ts'
import { createClaims, createKey, createToken } from '../tokens.ts'

const nats = await startNats(t)
await startAuthority(t, nats.url)
const gateway = await startGateway(t, { natsUrl: nats.url })
const { app, key, signedIn } = gateway
// Before the first test: what is awaited between two of them may be taken for the end of the last.
await untilVerdicts(app, 'cached')
const origin = await app.listen({ host: '127.0.0.1', port: 0 })
const subject = { sub: signedIn.user.id, sid: signedIn.session.id }

async function ask(token: string) {
  return await app.inject({ url: '/v1/sessions/current', headers: { authorization: `Bearer ${token}` } })
}

const withClaims = (overrides: object) => createToken(key, { claims: createClaims({ ...subject, ...overrides }) })
const nowSeconds = () => Math.floor(Date.now() / 1000)

t.test('a good token is accepted', async (t) => {
  t.equal((await ask(withClaims({}))).statusCode, 200)
})

t.test('a token that lives as long as its session is accepted', async (t) => {
  t.equal((await ask(withClaims({ life: 'session', exp: nowSeconds() + 86_400 }))).statusCode, 200)
})

t.test('an expired token says so and nothing else', async (t) => {
  // The latter is over by less than a second.
  for (const exp of [nowSeconds() - 100, nowSeconds()]) {
    const res = await ask(withClaims({ iat: exp - 600, exp }))
    t.equal(res.statusCode, 401)
    t.match(res.json(), { code: 'token_expired' })
    t.equal(res.headers['www-authenticate'], 'Bearer error="invalid_token"')
  }
})

t.test('a token from a clock that is a little ahead is accepted', async (t) => {
  for (const times of [{ iat: nowSeconds() + 4 }, { nbf: nowSeconds() + 4 }]) {
    t.equal((await ask(withClaims(times))).statusCode, 200, JSON.stringify(times))
  }
})

const good = withClaims({})
const forged = forgeTokens(key, subject)
const PROBLEM = {
  type: 'urn:latchkey:problem:token_invalid',
  title: 'The token is not valid',
  status: 401,
  code: 'token_invalid'
}

/** Header fields, those that come more than once as a list. */
type Fields = Readonly<Record<string, string | readonly string[]>>

/** What a strange client gets to see: status, body without the id of the request, and what it is to do. */
async function askOver(fields: Fields, [method, path]: readonly [string, string]) {
  const lines = Object.entries(fields).flatMap(([name, values]) => [values].flat().map((value) => [name, value]))
  const headers = [['host', 'localhost'], ...lines].flat()
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  httpRequest(`${origin}${path}`, { method, headers }, resolve).once('error', reject).end()
  const response = await promise
  const { requestId: _, ...problem } = JSON.parse((await text(response)) || '{}')
  return { status: response.statusCode, problem, challenge: response.headers['www-authenticate'] }
}

const routes = [
  ['GET', '/v1/sessions/current'],
  ['GET', '/v1/me'],
  ['GET', '/v1/admin/stats'],
  ['DELETE', '/v1/sessions/current']
] as const
const doors: Readonly<Record<string, (token: string) => Fields>> = {
  header: (token) => ({ authorization: `Bearer ${token}` }),
  cookie: (token) => ({ cookie: `latchkey=${token}`, 'sec-fetch-site': 'same-origin' })
}

for (const [door, headersOf] of Object.entries(doors)) {
  t.test(`every other token is the same 401, by ${door}, on every kind of route, at first and again`, async (t) => {
    const expected = { status: 401, problem: PROBLEM, challenge: 'Bearer error="invalid_token"' }
    t.equal((await askOver(headersOf(withClaims({})), routes[0])).status, 200)
    for (const route of routes) {
      for (const [name, token] of Object.entries(forged)) {
        t.strictSame(await askOver(headersOf(token), route), expected, `${route.join(' ')}, ${name}`)
      }
    }
    for (const [name, token] of Object.entries(forged)) {
      t.strictSame(await askOver(headersOf(token), routes[0]), expected, `${name}, again`)
    }
  })
}

t.test('letters that no token has are a 401 as well, whichever way they come', async (t) => {
  const good = withClaims({})
  for (const letters of ['\u00e9', 'a b', '"', '\u00ff.\u00fe.\u00fd']) {
    t.match(await askOver({ authorization: `Bearer ${good}${letters}` }, routes[0]), { status: 401 }, letters)
    t.match(await askOver({ cookie: `latchkey=${good}${letters}` }, routes[0]), { status: 401 }, letters)
  }
})

t.test('no token, another scheme and more than one header are one 401, whatever cookie comes along', async (t) => {
  const good = withClaims({})
  const cookie = `latchkey=${good}`
  const values = [
    '',
    'Bearer',
    'Bearer ',
    `Bearer  ${good}`,
    `Bearer ${good} ${good}`,
    `Bearer ${good},Bearer ${good}`,
    `Bearer token="${good}"`,
    `Basic ${Buffer.from('user:password').toString('base64')}`,
    `Digest username="${good}"`,
    `DPoP ${good}`,
    `Token ${good}`,
    `JWT ${good}`,
    good,
    [`Bearer ${good}`, `Bearer ${good}`],
    [`Bearer ${good}`, 'Basic x'],
    ['Basic x', `Bearer ${good}`]
  ]
  const problem = {
    type: 'urn:latchkey:problem:unauthenticated',
    title: 'Authentication is required',
    status: 401,
    code: 'unauthenticated'
  }
  for (const authorization of values) {
    for (const route of routes) {
      const answer = await askOver({ authorization, cookie, 'sec-fetch-site': 'same-origin' }, route)
      t.strictSame(
        answer,
        { status: 401, problem, challenge: 'Bearer' },
        `${route.join(' ')} ${authorization}`.slice(0, 60)
      )
    }
  }
})

t.test('the older interfaces have one 401 each for them, by header, by cookie and by split cookies', async (t) => {
  const refusals = [
    ['/api/activity', { message: 'Unauthorized' }],
    ['/users/profile', { message: 'Unauthorized: Invalid token' }],
    ['/api/v1/auth/user', { success: false, message: 'Unauthorized' }]
  ] as const
  const header = good.split('.')[0]
  for (const [name, token] of Object.entries(forged)) {
    const [first, payload, signature] = token.split('.')
    const bySplit = { cookie: `login_info=${payload}; secure=${signature}` }
    for (const [path, problem] of refusals) {
      const answer = await askOver({ authorization: `Bearer ${token}` }, ['GET', path])
      t.match(answer, { status: 401, problem }, `${path}, ${name}`)
    }
    t.match(await askOver({ cookie: `token=${token}` }, ['GET', '/users/profile']), { status: 401 }, name)
    if (first !== header || token.split('.').length !== 3) continue
    t.match(await askOver(bySplit, ['GET', '/api/v1/auth/user']), { status: 401, problem: refusals[2][1] }, name)
  }
})

t.test('a flood of unknown key ids causes one fetch, and a new key is found by it', async (t) => {
  const next = createKey('next-key')
  const keys = [key.jwk]
  const fetches: string[] = []
  const { url: natsUrl } = await startNats(t)
  const { app, signedIn } = await startGateway(t, {
    natsUrl,
    session: {
      getKeys: async (_request, { requestId }) => {
        fetches.push(requestId)
        return { ok: true, value: { keys } }
      }
    }
  })
  keys.push(next.jwk)
  const before = fetches.length
  const token = createToken(next, {
    claims: createClaims({ sub: signedIn.user.id, sid: signedIn.session.id })
  })
  const ask = (each: string) => app.inject({ url: '/v1/me', headers: { authorization: `Bearer ${each}` } })
  const fresh = await Promise.all([ask(token), ask(token)])
  t.same(
    fresh.map(({ statusCode }) => statusCode),
    [200, 200]
  )
  const made = Array.from({ length: 30 }, (_, index) => createToken(next, { header: { kid: `made-up-${index}` } }))
  const refused = await Promise.all(made.map(ask))
  t.ok(refused.every(({ statusCode }) => statusCode === 401))
  // One more may be the periodic one.
  t.ok(fetches.length - before <= 2, `${fetches.length - before} fetches`)
})
