import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import PostalMime from 'postal-mime'
import { SMTPServer } from 'smtp-server'
import type { TestScope } from './stores.ts'

/** A mail as its recipient's program shows it. */
export interface ReceivedMail {
  readonly from: string
  /** As the envelope names it, which is where it was delivered. */
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
  /** By their names in lower case. */
  readonly headers: ReadonlyMap<string, string>
}

export interface MailServer {
  /** `smtp://127.0.0.1:port` */
  readonly url: string
  /** All mails so far, in the order they came. */
  readonly mails: readonly ReceivedMail[]
  /** Answers the next so many recipients with that code instead of taking their mail. */
  refuseNext(count: number, responseCode: number): void
}

/** A real mail server on loopback that keeps what it is handed. */
export async function startMailServer(t: TestScope): Promise<MailServer> {
  const mails: ReceivedMail[] = []
  let refusing = { count: 0, responseCode: 0 }
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onRcptTo: (_address, _session, callback) => {
      if (refusing.count === 0) return callback()
      refusing = { ...refusing, count: refusing.count - 1 }
      callback(Object.assign(new Error('refused'), { responseCode: refusing.responseCode }))
    },
    onData: (stream, session, callback) => {
      const parsed = buffer(stream).then((bytes) => PostalMime.parse(bytes))
      parsed.then(({ from, subject = '', text = '', html = '', headers }) => {
        const [recipient] = session.envelope.rcptTo
        mails.push({
          from: from?.address ?? '',
          to: recipient?.address ?? '',
          subject,
          text,
          html,
          headers: new Map(headers.map(({ key, value }) => [key, value]))
        })
        callback()
      }, callback)
    }
  })
  // A client that goes while something is sent is the test's business, not an uncaught error.
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => new Promise<void>((resolve) => server.close(() => resolve())))
  const { port } = server.server.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    refuseNext: (count, responseCode) => {
      refusing = { count, responseCode }
    }
  }
}
