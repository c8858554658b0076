import { createHmac, createSign } from 'node:crypto'
import { createClaims, createKey, createToken, encodeInput, type TestKey } from './tokens.ts'

export interface Subject {
  readonly sub: string
  readonly sid: string
}

/** Tokens by what is wrong with each; all but the first few are signed by `key` itself. The subject is a live session's. */
export function forgeTokens(key: TestKey, subject: Subject): Readonly<Record<string, string>> {
  return {
    ...forgeSignatures(key, subject),
    ...forgeHeaders(key, subject),
    ...forgeClaims(key, subject),
    ...forgePayloads(key, subject),
    ...forgeTexts(key, subject)
  }
}

const encode = (text: string) => Buffer.from(text).toString('base64url')
const nowSeconds = () => Math.floor(Date.now() / 1000)

/** Any two texts as header and payload, under a good signature. */
function signTexts(key: TestKey, header: string, payload: string): string {
  const input = `${encode(header)}.${encode(payload)}`
  return `${input}.${createSign('RSA-SHA256').update(input).sign(key.privateKey, 'base64url')}`
}

function forgeSignatures(key: TestKey, subject: Subject) {
  const pem = key.publicKey.export({ type: 'spki', format: 'pem' })
  const der = key.publicKey.export({ type: 'spki', format: 'der' })
  const foreign = createKey(key.kid)
  const claims = createClaims(subject)
  const hmac = (alg: string, secret: string | Buffer) => {
    const input = encodeInput({ typ: 'at+jwt', kid: key.kid, alg }, claims)
    const digest = alg.toLowerCase().replace('hs', 'sha')
    return `${input}.${createHmac(digest, secret).update(input).digest('base64url')}`
  }
  const unsigned = (alg: string) => `${encodeInput({ typ: 'at+jwt', kid: key.kid, alg }, claims)}.`
  const byForeign = (header: object) => createToken(foreign, { header, claims })
  const good = createToken(key, { claims })
  return {
    'alg none': unsigned('none'),
    'alg None': unsigned('None'),
    'alg nOnE': unsigned('nOnE'),
    'alg none under a good signature': createToken(key, { header: { alg: 'none' }, claims }),
    'RS256 without a signature': unsigned('RS256'),
    'HS256 with the public key': hmac('HS256', pem),
    'HS384 with the public key': hmac('HS384', pem),
    'HS512 with the public key': hmac('HS512', pem),
    'HS256 with the public key in bytes': hmac('HS256', der),
    'HS256 with the JWK': hmac('HS256', JSON.stringify(key.jwk)),
    'HS256 with nothing': hmac('HS256', ''),
    'another key': byForeign({}),
    'its own key in jwk': byForeign({ jwk: foreign.jwk }),
    'its own key by jku': byForeign({ jku: 'http://127.0.0.1:9/keys' }),
    'its own key by x5u': byForeign({ x5u: 'http://127.0.0.1:9/certificate' }),
    'its own key in x5c': byForeign({ x5c: ['MIIB'] }),
    'another signature': `${good.slice(0, -8)}AAAAAAAA`,
    'a signature cut short': good.slice(0, -8)
  }
}

function forgeHeaders(key: TestKey, subject: Subject) {
  const claims = createClaims(subject)
  const payload = JSON.stringify(claims)
  const withHeader = (header: object) => createToken(key, { header, claims })
  const ids = {
    'none at all': undefined,
    null: null,
    'an empty text': '',
    'a number': 1,
    'an array': [key.kid],
    'an object': { toString: key.kid },
    'a path': '../../etc/passwd',
    'a path of a file that is there': '/dev/null',
    SQL: "' or 1=1 --",
    __proto__: '__proto__',
    constructor: 'constructor',
    toString: 'toString',
    'two kB': 'k'.repeat(2000),
    'one that nobody knows': 'nobody',
    'ours in capitals': key.kid.toUpperCase(),
    'ours with a zero byte': `${key.kid}\u0000`,
    'ours in other letters': `${key.kid}\u00e9`
  }
  return {
    ...Object.fromEntries(Object.entries(ids).map(([name, kid]) => [`kid: ${name}`, withHeader({ kid })])),
    'another RSA algorithm': withHeader({ alg: 'RS384' }),
    'an elliptic algorithm': withHeader({ alg: 'ES256' }),
    'an Edwards algorithm': withHeader({ alg: 'EdDSA' }),
    'PSS instead': withHeader({ alg: 'PS256' }),
    'alg in small letters': withHeader({ alg: 'rs256' }),
    'alg as an array': withHeader({ alg: ['RS256'] }),
    'no alg': withHeader({ alg: undefined }),
    'an unknown crit': withHeader({ crit: ['exp'], exp: 1 }),
    'an empty crit': withHeader({ crit: [] }),
    'a null crit': withHeader({ crit: null }),
    'an unencoded payload by crit': withHeader({ crit: ['b64'], b64: false }),
    'no typ': withHeader({ typ: undefined }),
    'typ JWT': withHeader({ typ: 'JWT' }),
    'typ as an array': withHeader({ typ: ['at+jwt'] }),
    'a refresh typ': withHeader({ typ: 'rt+jwt' }),
    'a header that is no JSON': signTexts(key, '{"alg":"RS256"', payload),
    'a header that is empty': signTexts(key, '', payload),
    'null for header': signTexts(key, 'null', payload),
    'an array for header': signTexts(key, '[{"alg":"RS256"}]', payload),
    'a number for header': signTexts(key, '1', payload)
  }
}

function forgeClaims(key: TestKey, subject: Subject) {
  const withClaims = (overrides: object) => createToken(key, { claims: createClaims({ ...subject, ...overrides }) })
  const now = nowSeconds()
  const required = ['exp', 'iat', 'sub', 'sid', 'jti', 'iss', 'aud']
  const values = { null: null, 'an array': ['x'], 'an object': { x: 1 }, true: true, 'an empty text': '' }
  const wrong = required.flatMap((claim) => [
    [`no ${claim}`, withClaims({ [claim]: undefined })],
    ...Object.entries(values).map(([name, value]) => [`${claim}: ${name}`, withClaims({ [claim]: value })])
  ])
  return {
    ...Object.fromEntries(wrong),
    'sub as an array of the right one': withClaims({ sub: [subject.sub] }),
    'sid as an array of the right one': withClaims({ sid: [subject.sid] }),
    'a sub of 1 kB': withClaims({ sub: 's'.repeat(1000) }),
    'exp as text': withClaims({ exp: String(now + 600) }),
    'a negative exp': withClaims({ exp: -1 }),
    'a broken exp': withClaims({ exp: now + 0.5 }),
    'iat as text': withClaims({ iat: String(now) }),
    'iat ahead': withClaims({ iat: now + 60, exp: now + 300 }),
    'a negative iat': withClaims({ iat: -1 }),
    'too long a life': withClaims({ exp: now + 1200 }),
    'exp before iat': withClaims({ iat: now, exp: now - 10_000 }),
    'nbf ahead': withClaims({ nbf: now + 60 }),
    'nbf as text': withClaims({ nbf: '0' }),
    'nbf null': withClaims({ nbf: null }),
    'aud as an array of the right one': withClaims({ aud: ['latchkey'] }),
    'a longer aud': withClaims({ aud: 'latchkey.evil' }),
    'another aud': withClaims({ aud: 'elsewhere' }),
    'iss as an array of the right one': withClaims({ iss: ['latchkey'] }),
    'another iss': withClaims({ iss: 'latchkey2' }),
    'another life': withClaims({ life: 'for ever' }),
    'an unknown session': withClaims({ sid: 'a-session-nobody-knows' })
  }
}

function forgePayloads(key: TestKey, subject: Subject) {
  const header = JSON.stringify({ alg: 'RS256', typ: 'at+jwt', kid: key.kid })
  const claims = JSON.stringify(createClaims(subject))
  const withText = (payload: string) => signTexts(key, header, payload)
  const withExp = (exp: string) => withText(claims.replace(/"exp":\d+/, `"exp":${exp}`))
  return {
    'an array for payload': withText(`[${claims}]`),
    'null for payload': withText('null'),
    'text for payload': withText('"text"'),
    'a number for payload': withText('1'),
    'true for payload': withText('true'),
    'nothing for payload': withText(''),
    'an empty object for payload': withText('{}'),
    'a payload that is no JSON': withText(claims.slice(0, -1)),
    'a payload that is no UTF-8': withText(claims).replace(/\.[^.]+\./, '._____w.'),
    'an exp that is no JSON number': withExp('NaN'),
    'an endless exp': withExp('1e400'),
    'an exp of minus endless': withExp('-1e400'),
    'exp twice, the latter as text': withExp(`${nowSeconds() + 300},"exp":"9999999999"`),
    'a prototype for payload': withText(`{"__proto__":${claims}}`),
    'a payload nested deeply': withText(`${'['.repeat(1000)}${']'.repeat(1000)}`)
  }
}

function forgeTexts(key: TestKey, subject: Subject) {
  const good = createToken(key, { claims: createClaims(subject) })
  const [header = '', payload = '', signature = ''] = good.split('.')
  return {
    'a padded signature': `${good}=`,
    'a signature padded twice': `${good}==`,
    'a signature in the other alphabet': `${header}.${payload}.${signature.slice(0, -3)}+/A`,
    'no signature': `${header}.${payload}.`,
    'no header': `.${payload}.${signature}`,
    'no payload': `${header}..${signature}`,
    'one part': header,
    'two parts': `${header}.${payload}`,
    'four parts': `${good}.x`,
    'five parts, as if encrypted': `${good}.${payload}.${signature}`,
    'a dot before': `.${good}`,
    'a dot behind': `${good}.`,
    'no token at all': 'x',
    dots: '...',
    'two tokens': `${good}${good}`,
    'a token of 6 kB': `${good}${'A'.repeat(6000)}`
  }
}
