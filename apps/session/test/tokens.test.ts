import { createPublicKey, randomUUIDv7, verify } from 'node:crypto'
import { createTokenHeader } from '@latchkey/contracts/tokens'
import { type Test, test } from 'tap'
import { createKeyFile, type KeyAlgorithm, listKeyFiles, readKeyFile } from '../src/key-files.ts'
import { createAccessTokens } from '../src/tokens.ts'

const claims = {
  userId: randomUUIDv7(),
  sessionId: '7fq0ZlX2m4n8VbYc1sT6dKe9RwGh3JuAoP',
  issuedAtMs: 1_795_228_085_638,
  expiresAtMs: 1_795_228_685_638,
  isForSession: false,
  role: undefined,
  isFirst: false
}

async function setUp(t: Test, alg: KeyAlgorithm) {
  const folder = t.testdir()
  await createKeyFile(folder, alg, new Date())
  const [file] = await listKeyFiles(folder)
  if (file === undefined) throw new Error('no key was made')
  const key = await readKeyFile(file)
  return { key, tokens: createAccessTokens({ getSigningKey: () => key, issuer: 'issuer', audience: 'audience' }) }
}

const decode = (part = '') => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))

test('a token carries the claims of RFC 9068 and nothing about the person', async (t) => {
  const { key, tokens } = await setUp(t, 'RS256')
  const { token, expiresAtMs } = await tokens.issue(claims)
  const [header, payload] = token.split('.')
  t.same(decode(header), { alg: 'RS256', typ: 'at+jwt', kid: key.kid })
  const { jti, ...rest } = decode(payload)
  t.same(rest, {
    iss: 'issuer',
    aud: 'audience',
    sub: claims.userId,
    sid: claims.sessionId,
    iat: 1_795_228_085,
    exp: 1_795_228_685
  })
  t.match(jti, /^[\w-]{22}$/)
  t.equal(expiresAtMs, 1_795_228_685_000)
})

test('a token that lives as long as its session says so', async (t) => {
  const { tokens } = await setUp(t, 'EdDSA')
  const { token } = await tokens.issue({ ...claims, isForSession: true })
  t.match(decode(token.split('.')[1]), { life: 'session' })
})

test('a token names the role where one is known', async (t) => {
  const { tokens } = await setUp(t, 'EdDSA')
  t.match(decode((await tokens.issue({ ...claims, role: 'admin' })).token.split('.')[1]), { role: 'admin' })
})

test('no two tokens of a session are the same', async (t) => {
  const { tokens } = await setUp(t, 'EdDSA')
  t.not((await tokens.issue(claims)).token, (await tokens.issue(claims)).token)
})

test('each algorithm signs so that another implementation verifies it', async (t) => {
  for (const alg of ['RS256', 'ES256', 'EdDSA'] as const) {
    const { key, tokens } = await setUp(t, alg)
    const [header, payload, signature = ''] = (await tokens.issue(claims)).token.split('.')
    const input = Buffer.from(`${header}.${payload}`)
    const publicKey = { key: createPublicKey(key.publicPem), dsaEncoding: 'ieee-p1363' } as const
    t.ok(verify(alg === 'EdDSA' ? null : 'sha256', input, publicKey, Buffer.from(signature, 'base64url')))
    t.equal(Buffer.from(header ?? '', 'base64url').toString(), JSON.stringify(createTokenHeader(key)))
  }
})

test('the payload of the first token can be told again, byte for byte', async (t) => {
  const { tokens } = await setUp(t, 'EdDSA')
  for (const isForSession of [true, false]) {
    const first = { ...claims, isForSession, isFirst: true } as const
    const { token } = await tokens.issue(first)
    t.equal(tokens.encodePayload(first), token.split('.')[1])
    t.equal(decode(token.split('.')[1]).jti, claims.sessionId)
  }
})
