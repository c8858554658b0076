import type { Logger } from '@latchkey/runtime/logger'
import { type Config, getMailOptions, type MailOptions } from './config.ts'
import type { MailStore } from './domain/mail-ports.ts'
import { createComposer } from './mail/compose.ts'
import { createFolderMailer } from './mail/folder-mailer.ts'
import { type ClosableMailer, createSmtpMailer } from './mail/smtp-mailer.ts'
import { createPostman, type Postman, type PostmanOptions } from './postman.ts'

export interface PostOfficeOptions {
  readonly config: Config
  readonly mails: MailStore
  readonly log: Logger
  readonly count: NonNullable<PostmanOptions['count']>
}

const INTERVAL_MS = 1000

/** Writes the queued mails and sends them, from `start` until `stop`. */
export function openPostOffice({ config, mails, log, count }: PostOfficeOptions): Postman {
  const mailer = createMailer(getMailOptions(config), log)
  const deps = { mails, mailer, compose: createComposer(config.PUBLIC_URL) }
  const postman = createPostman({ deps, intervalMs: INTERVAL_MS, log, count })
  return {
    ...postman,
    stop: async () => {
      await postman.stop()
      mailer.close()
    }
  }
}

/** Over the configured mail server; without one, which production does not start with, to a folder and to the log. */
function createMailer({ url, from, folder }: MailOptions, log: Logger): ClosableMailer {
  if (url !== undefined) return createSmtpMailer({ url, from })
  return createFolderMailer({ folder, now: () => new Date(), log })
}
