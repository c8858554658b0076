import { randomBytes } from 'node:crypto'
import { t as root, test } from 'tap'
import { listSetCookies } from '../../src/cookies.ts'
import type { Answer } from '../../src/http.ts'
import { register } from '../../src/people.ts'
import { startStack } from '../../src/stack.ts'

const { api } = await startStack(root)
const { accessToken, refreshToken, session } = (await register(api)).body
const PATH = '/v1/sessions/refresh'
const byBody = (value: unknown) => api('POST', PATH, { body: { refreshToken: value } })
const byCookie = (value: string) =>
  api('POST', PATH, { headers: { cookie: `latchkey-refresh=${value}`, 'sec-fetch-site': 'same-origin' } })
const withoutId = ({ body: { requestId: _, ...problem } }: Answer) => problem

const bytes = Buffer.from(refreshToken, 'base64url')
const flipped = [0, 1, 17, 42, 46, 69, 70, 85].map((index) => {
  const copy = Buffer.from(bytes)
  copy.writeUInt8(copy.readUInt8(index) ^ 0x80, index)
  return copy.toString('base64url')
})
/** Each can stand in a cookie as well as in a body. */
const forged: readonly string[] = [
  'x',
  'null',
  '[object Object]',
  '../../etc/passwd',
  '*',
  accessToken,
  session.id,
  `${refreshToken}=`,
  `${refreshToken}==`,
  `${refreshToken}A`,
  `A${refreshToken}`,
  `.${refreshToken}.`,
  `${refreshToken}${refreshToken}`,
  refreshToken.slice(0, -1),
  refreshToken.toLowerCase(),
  Buffer.from(bytes).toString('base64'),
  bytes.toString('hex'),
  bytes.toString('latin1').replace(/[^!-~]/g, '~'),
  randomBytes(86).toString('base64url'),
  Buffer.alloc(86).toString('base64url'),
  Buffer.alloc(86, 0xff).toString('base64url'),
  'A'.repeat(256),
  'A'.repeat(257),
  'A'.repeat(8000),
  ...flipped
]

test('every text that is no refresh token is one 401, in a body and in a cookie', async (t) => {
  const problem = {
    type: 'urn:latchkey:problem:refresh_invalid',
    title: 'The refresh token is not valid',
    status: 401,
    code: 'refresh_invalid'
  }
  for (const token of [...forged, '', ' ', '\u{1f511}', `${refreshToken}\n`, '__proto__', "' or 1=1 --"]) {
    const answer = await byBody(token)
    t.strictSame(withoutId(answer), problem, token.slice(0, 40))
    t.equal(answer.headers.get('www-authenticate'), 'Bearer')
  }
  for (const token of [...forged, 'caf\u00e9', `${refreshToken}\u00ff`]) {
    const answer = await byCookie(token)
    t.strictSame(withoutId(answer), problem, token.slice(0, 40))
    t.same(
      listSetCookies(answer).map(({ name, value }) => [name, value]),
      [
        ['latchkey', ''],
        ['latchkey-refresh', '']
      ],
      'the browser is told to forget it'
    )
  }
})

test('what is no text at all is a fault of the field', async (t) => {
  for (const value of [null, 5, true, [refreshToken], { token: refreshToken }, '\0', '\ud800']) {
    const answer = await byBody(value)
    t.match(answer.body, { status: 400, code: 'invalid_request', errors: [{ field: 'refreshToken' }] })
  }
})

test('none of it was to the harm of the session, and its own token still works', async (t) => {
  t.equal((await api('GET', '/v1/sessions/current', { token: accessToken })).status, 200)
  t.equal((await api('GET', '/v1/sessions/current', { token: refreshToken })).body.code, 'token_invalid')
  t.equal((await byCookie(refreshToken)).status, 200)
})
