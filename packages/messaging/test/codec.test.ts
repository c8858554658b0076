import { test } from 'tap'
import { decode, encode, MAX_MESSAGE_BYTES, UnreadableMessage } from '../src/codec.ts'

const toBytes = (text: string) => new TextEncoder().encode(text)

test('what is encoded is decoded as it was', async (t) => {
  const value = { text: 'é 🔑', list: [1, null, { deep: false }], empty: {} }
  t.strictSame(decode(encode(value)), value)
})

test('a message loses its __proto__ keys at any depth, and reaches no prototype', async (t) => {
  const texts = [
    '{"kept":1,"__proto__":{"polluted":true}}',
    '{"kept":1,"\\u005f\\u005fproto__":{"polluted":true}}',
    '{"kept":1,"__proto__":null}',
    '{"kept":1,"__proto__":{"__proto__":{"polluted":true}}}'
  ]
  for (const text of texts) {
    const deep = decode(toBytes(`{"list":[${text}],"object":{"inner":${text}}}`))
    t.strictSame(deep, { list: [{ kept: 1 }], object: { inner: { kept: 1 } } }, text)
    const value = decode(toBytes(text))
    t.strictSame(value, { kept: 1 }, text)
    t.equal(Object.getPrototypeOf(value), Object.prototype, text)
  }
  t.notOk('polluted' in {})
})

test('a constructor in a message is data like any other', async (t) => {
  const text = '{"constructor":{"prototype":{"polluted":true}}}'
  t.equal(JSON.stringify(decode(toBytes(text))), text)
  t.notOk('polluted' in {})
})

test('a message of the largest size is read and written, one of a byte more is neither', async (t) => {
  const largest = 'x'.repeat(MAX_MESSAGE_BYTES - 2)
  t.equal(decode(encode(largest)), largest)
  t.throws(() => encode(`${largest}x`), UnreadableMessage)
  t.throws(() => decode(toBytes(`"${largest}x"`)), UnreadableMessage)
  t.throws(() => decode(toBytes(`"${largest}" `)), UnreadableMessage, 'though its end is only space')
  t.throws(() => encode('é'.repeat(MAX_MESSAGE_BYTES / 2)), UnreadableMessage, 'bytes count, not letters')
})

test('what is no JSON in UTF-8 is unreadable, with the reason', async (t) => {
  for (const bytes of [toBytes(''), toBytes('{"a":'), toBytes('{} {}'), Uint8Array.of(0x22, 0xff, 0x22)]) {
    t.throws(() => decode(bytes), { name: 'UnreadableMessage', cause: Error })
  }
})
