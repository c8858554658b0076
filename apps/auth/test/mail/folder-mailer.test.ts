import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import { createComposer } from '../../src/mail/compose.ts'
import { createFolderMailer } from '../../src/mail/folder-mailer.ts'
import { createDueMail } from './mails.ts'

const message = createComposer('https://id.example.com')(createDueMail('password_reset'), 'token')
const now = () => new Date('2026-11-21T09:30:00.000Z')

test('each mail is written as text and as HTML, and the log names its link', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-mail-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const lines: object[] = []
  const log = { info: (fields: object) => void lines.push(fields) }
  const mailer = createFolderMailer({ folder: join(folder, 'made'), now, log })
  await Promise.all([mailer.send(message), mailer.send(message)])

  const files = (await readdir(join(folder, 'made'))).toSorted()
  const name = '2026-11-21T09-30-00.000Z-1-reset-your-password'
  t.same(files.slice(0, 2), [`${name}.html`, `${name}.txt`])
  t.equal(files.length, 4)
  const text = await readFile(join(folder, 'made', `${name}.txt`), 'utf8')
  t.equal(text, `To: ann@example.com\nSubject: Reset your password\n\n${message.text}`)
  t.equal(await readFile(join(folder, 'made', `${name}.html`), 'utf8'), message.html)
  t.match(lines, [{ recipient: 'ann@example.com', link: 'https://id.example.com/v1/password-resets/token' }, {}])
})

test('without a folder the log is all there is', async (t) => {
  const lines: object[] = []
  const log = { info: (fields: object) => void lines.push(fields) }
  const mailer = createFolderMailer({ folder: undefined, now, log })
  await mailer.send(message)
  mailer.close()
  t.match(lines, [{ subject: 'Reset your password', file: undefined }])
})
