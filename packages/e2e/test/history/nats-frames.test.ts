import { test } from 'tap'
import { FrameCutter } from '../../src/history/nats-frames.ts'

const frames = [
  { text: 'INFO {"max_payload":1048576}\r\n', subject: undefined },
  { text: 'PING\r\n', subject: undefined },
  { text: 'PUB verdict.announced 5\r\nhe\r\nl\r\n', subject: 'verdict.announced' },
  { text: 'HPUB session.check _INBOX.a.b 12 14\r\nNATS/1.0\r\n\r\nhi\r\n', subject: 'session.check' },
  { text: 'MSG verdict.announced 3 0\r\n\r\n', subject: 'verdict.announced' },
  { text: 'HMSG _INBOX.a.b 1 12 12\r\nNATS/1.0\r\n\r\n\r\n', subject: '_INBOX.a.b' }
]
const stream = Buffer.from(frames.map(({ text }) => text).join(''))

test('a stream is cut into its frames wherever its chunks end', async (t) => {
  for (const size of [1, 2, 7, 40, stream.length]) {
    const cutter = new FrameCutter()
    const cut = []
    for (let at = 0; at < stream.length; at += size) cut.push(...cutter.cut(stream.subarray(at, at + size)))
    t.same(
      cut.map(({ bytes, subject }) => ({ text: bytes.toString(), subject })),
      frames
    )
  }
})
