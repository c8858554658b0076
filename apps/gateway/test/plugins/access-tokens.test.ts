import { createHmac, createSign } from 'node:crypto'
import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { startGateway } from '../gateway.ts'
import { createClaims, createKey, createToken, encodeInput } from '../tokens.ts'

const nats = await startNats(t)
const gateway = await startGateway(t, { natsUrl: nats.url })
const { app, key, signedIn } = gateway
const subject = { sub: signedIn.user.id, sid: signedIn.session.id }

async function ask(token: string) {
  return await app.inject({ url: '/v1/sessions/current', headers: { authorization: `Bearer ${token}` } })
}

const withClaims = (overrides: object) => createToken(key, { claims: createClaims({ ...subject, ...overrides }) })
const withHeader = (header: object) => createToken(key, { header, claims: createClaims(subject) })
const nowSeconds = () => Math.floor(Date.now() / 1000)

t.test('a good token is accepted', async (t) => {
  t.equal((await ask(withClaims({}))).statusCode, 200)
})

t.test('a token that lives as long as its session is accepted', async (t) => {
  t.equal((await ask(withClaims({ life: 'session', exp: nowSeconds() + 86_400 }))).statusCode, 200)
})

t.test('an expired token says so and nothing else', async (t) => {
  const res = await ask(withClaims({ iat: nowSeconds() - 700, exp: nowSeconds() - 100 }))
  t.equal(res.statusCode, 401)
  t.match(res.json(), { code: 'token_expired' })
  t.equal(res.headers['www-authenticate'], 'Bearer error="invalid_token"')
})

const publicPem = key.publicKey.export({ type: 'spki', format: 'pem' })
const hmac = (header: object, secret: string | Buffer) => {
  const input = encodeInput({ typ: 'at+jwt', kid: key.kid, ...header }, createClaims(subject))
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}
const unsigned = (alg: string) => `${encodeInput({ typ: 'at+jwt', kid: key.kid, alg }, createClaims(subject))}.`
const withPayload = (payload: unknown) => {
  const input = encodeInput({ typ: 'at+jwt', kid: key.kid, alg: 'RS256' }, payload)
  return `${input}.${createSign('RSA-SHA256').update(input).sign(key.privateKey, 'base64url')}`
}
const good = withClaims({})

const hostile: Record<string, string> = {
  'alg none': unsigned('none'),
  'alg None': unsigned('None'),
  'alg nOnE': unsigned('nOnE'),
  'HS256 with the public key': hmac({ alg: 'HS256' }, publicPem),
  'HS256 with the JWK': hmac({ alg: 'HS256' }, JSON.stringify(key.jwk)),
  'another RSA algorithm': withHeader({ alg: 'RS384' }),
  'an elliptic algorithm': withHeader({ alg: 'ES256' }),
  'PSS instead': withHeader({ alg: 'PS256' }),
  'alg as an array': withHeader({ alg: ['RS256'] }),
  'no kid': withHeader({ kid: undefined }),
  'kid as an array': withHeader({ kid: [key.kid] }),
  'kid as a path': withHeader({ kid: '../../etc/passwd' }),
  'kid as SQL': withHeader({ kid: "' or 1=1 --" }),
  'kid __proto__': withHeader({ kid: '__proto__' }),
  'kid constructor': withHeader({ kid: 'constructor' }),
  'a kid of 2 kB': withHeader({ kid: 'k'.repeat(2000) }),
  'an unknown kid': withHeader({ kid: 'nobody' }),
  'its own key beside': createToken(createKey(key.kid), {
    header: { jwk: createKey('x').jwk, jku: 'http://127.0.0.1:9/keys' },
    claims: createClaims(subject)
  }),
  'an unknown crit': withHeader({ crit: ['exp'], exp: 1 }),
  'a null crit': withHeader({ crit: null }),
  'no typ': withHeader({ typ: undefined }),
  'typ JWT': withHeader({ typ: 'JWT' }),
  'a refresh typ': withHeader({ typ: 'rt+jwt' }),
  'no exp': withClaims({ exp: undefined }),
  'no iat': withClaims({ iat: undefined }),
  'no sub': withClaims({ sub: undefined }),
  'no sid': withClaims({ sid: undefined }),
  'no jti': withClaims({ jti: undefined }),
  'no iss': withClaims({ iss: undefined }),
  'no aud': withClaims({ aud: undefined }),
  'sub as an array': withClaims({ sub: [subject.sub] }),
  'exp as text': withClaims({ exp: String(nowSeconds() + 600) }),
  'iat as text': withClaims({ iat: String(nowSeconds()) }),
  'aud as an array': withClaims({ aud: ['latchkey'] }),
  'aud as an object': withClaims({ aud: { latchkey: true } }),
  'a longer aud': withClaims({ aud: 'latchkey.evil' }),
  'iss as an array': withClaims({ iss: ['latchkey'] }),
  'another iss': withClaims({ iss: 'latchkey2' }),
  'nbf ahead': withClaims({ nbf: nowSeconds() + 60 }),
  'nbf as text': withClaims({ nbf: '0' }),
  'iat ahead': withClaims({ iat: nowSeconds() + 60 }),
  'too long a life': withClaims({ exp: nowSeconds() + 1200 }),
  'exp before iat': withClaims({ iat: nowSeconds(), exp: nowSeconds() - 10_000 }),
  'an array for payload': withPayload([subject]),
  'null for payload': withPayload(null),
  'text for payload': withPayload('text'),
  'a padded signature': `${good}=`,
  'another signature': `${good.slice(0, -8)}AAAAAAAA`,
  'no signature': `${good.split('.').slice(0, 2).join('.')}.`,
  'two parts': good.split('.').slice(0, 2).join('.'),
  'four parts': `${good}.x`,
  'no token at all': 'x',
  dots: '...',
  'a token of 6 kB': `${good}${'A'.repeat(6000)}`,
  'an unknown session': withClaims({ sid: 'a-session-nobody-knows' })
}

t.test('every other token is the same 401', async (t) => {
  const expected = { type: 'urn:latchkey:problem:token_invalid', title: 'The token is not valid', status: 401 }
  for (const [name, token] of Object.entries(hostile)) {
    const res = await ask(token)
    t.equal(res.statusCode, 401, name)
    const { requestId: _, ...problem } = res.json()
    t.same(problem, { ...expected, code: 'token_invalid' }, name)
    t.equal(res.headers['www-authenticate'], 'Bearer error="invalid_token"', name)
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
