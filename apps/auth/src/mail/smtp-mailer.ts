import nodemailer from 'nodemailer'
import { type Mailer, MailRefused, type Message } from '../domain/mail-ports.ts'

/** Whom mails are from. */
export interface Sender {
  readonly name: string
  readonly address: string
}

export interface SmtpOptions {
  /** `smtp://` or `smtps://`, with user and password where the server wants them. */
  readonly url: string
  readonly from: Sender
}

export interface ClosableMailer extends Mailer {
  close(): void
}

const CONNECTION_TIMEOUT_MS = 5000
const SOCKET_TIMEOUT_MS = 10_000
const MAX_CONNECTIONS = 3

/** Hands mails to a mail server over a few connections that are kept; connects when it is first used. */
export function createSmtpMailer({ url, from }: SmtpOptions): ClosableMailer {
  const transport = nodemailer.createTransport({
    url,
    pool: true,
    maxConnections: MAX_CONNECTIONS,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    greetingTimeout: CONNECTION_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    dnsTimeout: CONNECTION_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true
  })
  return {
    send: async ({ recipient, subject, text, html }: Message) => {
      try {
        await transport.sendMail({
          from,
          // As parts: a composed text would be parsed again, and could come to mean another address.
          to: { name: '', address: recipient },
          subject,
          text,
          html,
          headers: { 'Auto-Submitted': 'auto-generated' }
        })
      } catch (err) {
        if (isRefusal(err)) throw new MailRefused('the mail server refuses the mail for good', { cause: err })
        throw err
      }
    },
    close: () => transport.close()
  }
}

/** A permanent answer (5xx, RFC 5321) to the recipient or the content; one to our own login is a fault of configuration. */
function isRefusal(err: unknown): boolean {
  if (!(err instanceof Error) || !('code' in err) || !('responseCode' in err)) return false
  const isAboutMail = err.code === 'EENVELOPE' || err.code === 'EMESSAGE'
  return isAboutMail && typeof err.responseCode === 'number' && err.responseCode >= 500
}
