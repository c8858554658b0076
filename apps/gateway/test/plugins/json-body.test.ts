import { startNats } from '@latchkey/testing/stores'
import t from 'tap'
import { startGateway } from '../gateway.ts'

const nats = await startNats(t)
const { app, bearer } = await startGateway(t, { natsUrl: nats.url })

async function signIn(payload: string | Buffer, type = 'application/json') {
  const headers = type === '' ? {} : { 'content-type': type }
  return await app.inject({ method: 'POST', url: '/v1/sessions', payload, headers })
}

const good = { identifier: 'ada@example.com', password: 'correct horse' }

t.test('JSON in UTF-8 is read, however its type is spelt', async (t) => {
  for (const type of [
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"'
  ]) {
    t.equal((await signIn(JSON.stringify(good), type)).statusCode, 201, type)
  }
})

t.test('every other type is 415', async (t) => {
  const types = [
    '',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
    'application/json; charset=latin1',
    'application/json; version=1',
    'application/json\t; x',
    'application/jsonx',
    'application/vnd.api+json',
    'json'
  ]
  for (const type of types) {
    const res = await signIn(JSON.stringify(good), type)
    t.equal(res.statusCode, 415, type)
    t.match(res.json(), { code: 'unsupported_media_type' })
  }
})

t.test('a body that is not well-formed is 400', async (t) => {
  const bodies: Record<string, string | Buffer> = {
    empty: '',
    cut: '{"identifier":"a',
    'not JSON': 'identifier=a',
    'a comment': '{"identifier":"a"/**/}',
    'not UTF-8': Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    'a polluting key': '{"identifier":"a","password":"b","__proto__":{"x":1}}',
    'an escaped polluting key': '{"identifier":"a","password":"b","\\u005f_proto__":{"x":1}}',
    'a polluting key within': '{"identifier":"a","password":{"__proto__":{"x":1}}}',
    'a polluting constructor': '{"identifier":"a","password":"b","constructor":{"prototype":{"x":1}}}',
    NUL: '{"identifier":"a\\u0000b","password":"b"}',
    'NUL in a password': '{"identifier":"a","password":"b\\u0000"}',
    'a lone surrogate': '{"identifier":"a","password":"\\ud800"}',
    'a lone surrogate in a key': '{"identifier":"a","password":"b","\\udfff":1}',
    'an array': '[]',
    null: 'null',
    text: '"a"',
    'a number': '1e999',
    'deep nesting': `${'['.repeat(8000)}${']'.repeat(8000)}`,
    'deep nesting with an escape': `{"a":"\\u0041","b":${'['.repeat(7000)}${']'.repeat(7000)}}`
  }
  for (const [name, body] of Object.entries(bodies)) {
    const res = await signIn(body)
    t.equal(res.statusCode, 400, name)
    t.match(res.json(), { code: 'invalid_request' }, name)
  }
  t.notOk('x' in {}, 'no prototype was reached')
})

t.test('types are never coerced, and every field at fault is named', async (t) => {
  for (const value of [['a@b.c'], 5, null, true, {}]) {
    const res = await signIn(JSON.stringify({ identifier: value, password: value, cookies: 'true', deviceId: 'short' }))
    t.equal(res.statusCode, 400)
    const { errors } = res.json()
    t.same(errors.map(({ field, code }: { field: string; code: string }) => `${field} ${code}`).toSorted(), [
      'cookies wrong_type',
      'deviceId malformed',
      'identifier wrong_type',
      'password wrong_type'
    ])
  }
})

t.test('a missing field is named, and so is a value out of bounds', async (t) => {
  t.match((await signIn('{}')).json().errors, [
    { field: 'identifier', code: 'required' },
    { field: 'password', code: 'required' }
  ])
  const long = await signIn(JSON.stringify({ identifier: 'a'.repeat(600), password: 'p' }))
  t.match(long.json().errors, [{ field: 'identifier', code: 'too_long' }])
})

t.test('properties that nobody asked for are refused on credential routes', async (t) => {
  const extras = { role: 'admin', isAdmin: true, id: 'x', emailVerified: true, ipAddress: '1.2.3.4' }
  for (const [name, value] of Object.entries(extras)) {
    const signedUp = await app.inject({
      method: 'POST',
      url: '/v1/users',
      payload: { email: 'ada@example.com', password: 'correct horse', [name]: value }
    })
    t.match(signedUp.json(), { status: 400, errors: [{ field: name, code: 'unknown_property' }] })
    t.equal((await signIn(JSON.stringify({ ...good, [name]: value }))).statusCode, 400)
  }
})

t.test('an error never repeats what was sent', async (t) => {
  const marker = 'marker-7c1d9a55'
  const res = await signIn(JSON.stringify({ identifier: [marker], password: marker, [`<${marker}>`]: marker }))
  t.equal(res.statusCode, 400)
  t.notMatch(res.body, marker)
  t.notMatch((await signIn(`{"${marker}`)).body, marker)
})

t.test('a body over the limit is 413 and ends the connection', async (t) => {
  const res = await signIn(JSON.stringify({ ...good, password: 'p'.repeat(17_000) }))
  t.equal(res.statusCode, 413)
  t.match(res.json(), { code: 'payload_too_large' })
  t.equal(res.headers.connection, 'close')
})

t.test('a JSON type without a body is no fault where no body is needed', async (t) => {
  const headers = { ...bearer, 'content-type': 'application/json' }
  t.equal((await app.inject({ method: 'DELETE', url: '/v1/sessions/current', headers })).statusCode, 204)
})

t.test('queries are as strict as bodies', async (t) => {
  const queries = [
    'state=gone',
    'state=active&state=ended',
    'limit=0',
    'limit=101',
    'limit=1e1',
    'limit=%205',
    'limit=',
    'x=1'
  ]
  for (const query of [...queries, 'cursor=', 'cursor=a%00b']) {
    const res = await app.inject({ url: `/v1/sessions?${query}`, headers: bearer })
    t.equal(res.statusCode, 400, query)
    t.match(res.json(), { code: 'invalid_request' })
  }
  for (const query of ['except=curent', 'exept=current', 'except=current&except=current', 'except=']) {
    const res = await app.inject({ method: 'DELETE', url: `/v1/sessions?${query}`, headers: bearer })
    t.equal(res.statusCode, 400, query)
  }
  t.equal((await app.inject({ url: '/v1/me/activity?kind=nothing', headers: bearer })).statusCode, 400)
  t.equal((await app.inject({ url: '/v1/sessions?state=all&limit=100', headers: bearer })).statusCode, 200)
})
