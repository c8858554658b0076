import { test } from 'tap'
import { type Line, splitLines } from '../src/ndjson-lines.ts'

const encode = (text: string) => Buffer.from(text)
const split = (chunks: readonly Buffer[], maxBytes = 100): Line[] => [...splitLines(chunks, maxBytes)]

test('lines are the same wherever the bytes are cut', async (t) => {
  const text = '{"a":1}\n{"name":"Zoë 🦊"}\r\n\n  \nlast'
  const whole = split([encode(text)])
  t.match(whole, [
    { number: 1, text: '{"a":1}' },
    { number: 2, text: /Zoë 🦊/ },
    { number: 5, text: 'last' }
  ])
  const bytes = encode(text)
  for (let size = 1; size < bytes.length; size += 1) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
      bytes.subarray(n * size, (n + 1) * size)
    )
    t.same(split(chunks), whole, `pieces of ${size}`)
  }
})

test('a line over the cap is a fault of its own, and the next one is read', async (t) => {
  const chunks = ['x'.repeat(60), 'x'.repeat(60), `\n${'y'.repeat(100)}\nz`].map(encode)
  t.match(split(chunks), [
    { number: 1, fault: 'too_long' },
    { number: 2, text: 'y'.repeat(100) },
    { number: 3, text: 'z' }
  ])
})

test('bytes that are not UTF-8 spoil their own line only', async (t) => {
  const chunks = [Buffer.from([0xff, 0x0a]), encode('good')]
  t.match(split(chunks), [
    { number: 1, fault: 'not_utf8' },
    { number: 2, text: 'good' }
  ])
})

test('no bytes are no lines', async (t) => {
  t.same(split([]), [])
  t.same(split([encode('\n\n')]), [])
})
