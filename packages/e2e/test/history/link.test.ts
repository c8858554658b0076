import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { type Test, test } from 'tap'
import { Link } from '../../src/history/link.ts'
import { createRandom } from '../../src/history/random.ts'
import { eventually } from '../../src/people.ts'

/** A server that answers every line with the same one, behind a link. */
async function openLink(t: Test, { isNats = false } = {}) {
  const taken = new Set<Socket>()
  const server = createServer((socket) => {
    taken.add(socket)
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const link = new Link({ name: 'link', target: address.port, isNats, random: createRandom('link') })
  await link.open()
  t.teardown(async () => {
    await link.close()
    for (const socket of taken) socket.destroy()
    server.close()
  })
  const dial = () => {
    const socket = connect(link.port, '127.0.0.1')
    const heard = { text: '', isClosed: false }
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      heard.text += chunk
    })
    socket.on('close', () => {
      heard.isClosed = true
    })
    t.teardown(() => void socket.destroy())
    return { socket, heard }
  }
  const hears = async ({ heard }: ReturnType<typeof dial>, text: string) =>
    t.equal(
      await eventually(
        async () => heard.text,
        (now) => now === text
      ),
      text
    )
  const isClosed = async ({ heard }: ReturnType<typeof dial>) =>
    t.ok(
      await eventually(
        async () => heard.isClosed,
        (closed) => closed
      )
    )
  return { link, dial, hears, isClosed }
}

test('bytes pass in both directions, late when the link is slow, in their order', async (t) => {
  const { link, dial, hears } = await openLink(t)
  const caller = dial()
  caller.socket.write('one ')
  await hears(caller, 'one ')
  link.conditions.up.jitterMs = 30
  for (const word of ['two ', 'three ', 'four ']) caller.socket.write(word)
  await hears(caller, 'one two three four ')
})

test('what is held passes when the link is released, or never when it is cut', async (t) => {
  const { link, dial, hears, isClosed } = await openLink(t)
  const [kept, lost] = [dial(), dial()]
  for (const { socket } of [kept, lost]) socket.write('before ')
  await Promise.all([hears(kept, 'before '), hears(lost, 'before ')])
  link.conditions.up.holds = true
  kept.socket.write('held ')
  const other = dial()
  other.socket.write('unheard')
  link.conditions.up.holds = false
  link.release()
  await hears(kept, 'before held ')
  link.cut()
  await isClosed(lost)
  link.conditions.refuses = true
  await isClosed(dial())
})

test('a connection breaks in the middle of what it carries', async (t) => {
  const { link, dial, isClosed } = await openLink(t)
  link.conditions.cutsAfterBytes = 6
  const caller = dial()
  caller.socket.write('more than that')
  await isClosed(caller)
  t.equal('more than that'.startsWith(caller.heard.text), true)
})

test('a half-open connection looks open to its client', async (t) => {
  const { link, dial, hears, isClosed } = await openLink(t)
  const caller = dial()
  caller.socket.write('hello')
  await hears(caller, 'hello')
  link.halfClose()
  caller.socket.write('anybody?')
  const other = dial()
  other.socket.write('x')
  await hears(other, 'x')
  t.same(caller.heard, { text: 'hello', isClosed: false })
  link.cut()
  await isClosed(caller)
})

test('single messages are lost, or overtaken by others, while the connection stands', async (t) => {
  const { link, dial, hears } = await openLink(t, { isNats: true })
  const caller = dial()
  const noted: string[] = []
  link.conditions.up.losesSubject = { subject: 'lost', chance: 1, note: () => void noted.push('lost') }
  link.conditions.up.slowReplies = { chance: 1, minMs: 30, maxMs: 31, note: () => void noted.push('late') }
  caller.socket.write('PUB _INBOX.1 1\r\na\r\nPUB lost 1\r\nb\r\nPUB kept 1\r\nc\r\n')
  await hears(caller, 'PUB kept 1\r\nc\r\nPUB _INBOX.1 1\r\na\r\n')
  t.same(noted, ['late', 'lost'])
})

test('messages of one subject, and of those below it, come again, and late', async (t) => {
  const { link, dial, hears } = await openLink(t, { isNats: true })
  const caller = dial()
  let repeated = 0
  const note = () => {
    repeated += 1
  }
  link.conditions.down.repeatsSubject = { subject: 'told', afterMs: [20, 300], note }
  caller.socket.write('PUB told 1\r\na\r\nPUB told.one 1\r\nb\r\nPUB tolder 1\r\nc\r\n')
  const again = 'PUB told 1\r\na\r\nPUB told.one 1\r\nb\r\n'
  await hears(caller, `${again}PUB tolder 1\r\nc\r\n${again}${again}`)
  t.equal(repeated, 2)
})
