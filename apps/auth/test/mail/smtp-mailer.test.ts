import { createServer } from 'node:net'
import { startMailServer } from '@latchkey/testing/mail'
import { test } from 'tap'
import { MailRefused } from '../../src/domain/mail-ports.ts'
import { createComposer } from '../../src/mail/compose.ts'
import { createSmtpMailer } from '../../src/mail/smtp-mailer.ts'
import { createDueMail } from './mails.ts'

const from = { name: 'Example, "Sons" & Co', address: 'no-reply@example.com' }
const message = createComposer('https://id.example.com')(createDueMail('email_verification'), 'token')

type Scope = Parameters<typeof startMailServer>[0]

function openMailer(t: Scope, url: string) {
  const mailer = createSmtpMailer({ url, from })
  t.teardown(() => mailer.close())
  return mailer
}

test('a mail arrives with both parts, its sender, and the mark of a machine', async (t) => {
  const server = await startMailServer(t)
  await openMailer(t, server.url).send(message)
  const [mail] = server.mails
  t.match(mail, { from: from.address, to: message.recipient, subject: message.subject })
  t.equal(mail?.text.trim(), message.text.trim())
  t.equal(mail?.html.trim(), message.html.trim())
  t.equal(mail?.headers.get('auto-submitted'), 'auto-generated')
})

test('an address reaches the server as it is, whatever it would mean as a text of several', async (t) => {
  const server = await startMailServer(t)
  const mailer = openMailer(t, server.url)
  for (const recipient of ["o'neil+tag@example.com", 'ann@bücher.example', '{ann}|b@example.com']) {
    await mailer.send({ ...message, recipient })
    t.equal(server.mails.at(-1)?.to, recipient)
  }
  t.equal(server.mails.length, 3)
})

test('a refusal for good is told from one for now, and from a server that is away', async (t) => {
  const server = await startMailServer(t)
  const mailer = openMailer(t, server.url)
  server.refuseNext(1, 550)
  await t.rejects(mailer.send(message), MailRefused)
  server.refuseNext(1, 451)
  const failure = await mailer.send(message).catch((err: unknown) => err)
  t.type(failure, Error)
  t.notOk(failure instanceof MailRefused)
  await mailer.send(message)
  t.equal(server.mails.length, 1)

  const away = openMailer(t, `smtp://127.0.0.1:${await findClosedPort()}`)
  await t.rejects(away.send(message), { code: /ECONNREFUSED|ESOCKET|ECONNECTION/ })
})

/** Of a listener that has gone again. */
async function findClosedPort(): Promise<number> {
  const listener = createServer()
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  await new Promise((resolve) => listener.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
