import { PassThrough } from 'node:stream'
import { test } from 'tap'
import { readPassword } from '../src/read-password.ts'

function createTerminal(isTTY: boolean) {
  const input = Object.assign(new PassThrough(), { isTTY })
  const output = new PassThrough()
  const shown: string[] = []
  output.on('data', (chunk) => shown.push(String(chunk)))
  return { terminal: { input, output }, input, shown }
}

test('on a terminal the password is asked for, and nothing shows what is typed', async (t) => {
  const { terminal, input, shown } = createTerminal(true)
  const reading = readPassword(terminal)
  for (const key of ['s', 'ecrez', '\u007f', 't', '\r']) input.write(key)
  t.equal(await reading, 'secret')
  t.equal(shown.join(''), 'Password: \n')
})

test('of what is piped in the first line counts, asked for by nobody', async (t) => {
  const { terminal, input, shown } = createTerminal(false)
  input.end('two words\r\nand more\n')
  t.equal(await readPassword(terminal), 'two words')
  t.same(shown, [])
})

test('what ends without a line is no password', async (t) => {
  const { terminal, input } = createTerminal(false)
  input.end()
  t.equal(await readPassword(terminal), '')
})
