import { createConnection } from 'node:net'
import { createInterface } from 'node:readline'
import { test } from 'tap'
import { startMailServer } from '../src/mail-server.ts'

/** Says each line once the one before was answered, and gives the codes of the answers. */
async function converse(url: string, lines: readonly string[]): Promise<string[]> {
  const { hostname, port } = new URL(url)
  const socket = createConnection(Number(port), hostname)
  const codes: string[] = []
  const waiting = [...lines]
  for await (const answer of createInterface(socket)) {
    // A hyphen after the code: the answer goes on.
    if (answer[3] === '-') continue
    codes.push(answer.slice(0, 3))
    const next = waiting.shift()
    if (next === undefined) break
    socket.write(`${next}\r\n`)
  }
  socket.destroy()
  return codes
}

const envelope = ['EHLO test', 'MAIL FROM:<from@example.com>', 'RCPT TO:<to@example.com>']
const content = ['From: from@example.com', 'Subject: Hello', 'X-Mark: 1', '', 'text', '.'].join('\r\n')

test('a mail is kept as it was delivered', async (t) => {
  const { url, mails } = await startMailServer(t)
  t.same(await converse(url, [...envelope, 'DATA', content]), ['220', '250', '250', '250', '354', '250'])
  t.match(mails, [{ from: 'from@example.com', to: 'to@example.com', subject: 'Hello', text: /^text/ }])
  t.equal(mails[0]?.headers.get('x-mark'), '1')
})

test('recipients are refused as often as was said', async (t) => {
  const { url, mails, refuseNext } = await startMailServer(t)
  refuseNext(1, 550)
  t.equal((await converse(url, envelope)).at(-1), '550')
  t.equal((await converse(url, envelope)).at(-1), '250')
  t.same(mails, [])
})
