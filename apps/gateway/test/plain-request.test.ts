import t from 'tap'
import { readPlainRequest } from '../src/plain-request.ts'

const plain = ['Host', 'localhost', 'Authorization', 'Bearer abc.def.ghi']

t.test('a request with a token and nothing else is plain', async (t) => {
  t.same(readPlainRequest(plain), { token: 'abc.def.ghi', activity: true, requestId: undefined })
})

t.test('fields that alter nothing are passed over, in whatever letters', async (t) => {
  const more = ['USER-AGENT', 'curl/8', 'Accept', '*/*', 'Cookie', 'latchkey=x', 'X-Forwarded-For', '192.0.2.1']
  t.match(readPlainRequest([...more, ...plain]), { token: 'abc.def.ghi' })
})

t.test('it says whether it is activity, and which id it wants', async (t) => {
  const read = readPlainRequest([...plain, 'Latchkey-Background', '1', 'X-Request-Id', 'client-made-1'])
  t.same(read, { token: 'abc.def.ghi', activity: false, requestId: 'client-made-1' })
})

for (const [what, fields] of Object.entries({
  'an origin': [...plain, 'Origin', 'https://example.com'],
  'a body': [...plain, 'Content-Length', '2'],
  'a body in pieces': [...plain, 'Transfer-Encoding', 'chunked'],
  'a field that nobody knows': [...plain, 'X-Anything', '1'],
  'two tokens': [...plain, 'authorization', 'Bearer xyz'],
  'two ids': [...plain, 'x-request-id', 'client-made-1', 'x-request-id', 'client-made-2'],
  'two hosts': [...plain, 'host', 'elsewhere'],
  'no host': plain.slice(2),
  'no token': plain.slice(0, 2),
  'another scheme': [...plain.slice(0, 2), 'Authorization', 'Basic abc'],
  'an odd word about the background': [...plain, 'latchkey-background', 'yes']
})) {
  t.test(`with ${what} it is not plain`, async (t) => t.equal(readPlainRequest(fields), undefined))
}
