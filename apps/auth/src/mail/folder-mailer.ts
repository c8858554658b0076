import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Message } from '../domain/mail-ports.ts'
import type { ClosableMailer } from './smtp-mailer.ts'

export interface FolderOptions {
  /** Made if need be; without one the log is all there is. */
  readonly folder: string | undefined
  readonly now: () => Date
  readonly log: { info(fields: object, text: string): void }
}

/** For development: writes each mail, as text and as HTML, to a folder, and tells the log of it with its link. */
export function createFolderMailer({ folder, now, log }: FolderOptions): ClosableMailer {
  let written = 0
  const write = async (directory: string, { recipient, subject, text, html }: Message): Promise<string> => {
    written += 1
    const stamp = now().toISOString().replaceAll(':', '-')
    const name = `${stamp}-${written}-${subject.toLowerCase().replace(/[^a-z]+/g, '-')}`
    await mkdir(directory, { recursive: true })
    await writeFile(join(directory, `${name}.txt`), `To: ${recipient}\nSubject: ${subject}\n\n${text}`)
    await writeFile(join(directory, `${name}.html`), html)
    return join(directory, `${name}.html`)
  }
  return {
    send: async (message) => {
      const file = folder === undefined ? undefined : await write(folder, message)
      const { recipient, subject, link } = message
      log.info({ recipient, subject, link, file }, 'mail')
    },
    close: () => undefined
  }
}
