import type { Logger } from '@latchkey/runtime/logger'
import type { MailOptions } from './config.ts'
import { createFolderMailer } from './mail/folder-mailer.ts'
import { type ClosableMailer, createSmtpMailer } from './mail/smtp-mailer.ts'

/** Over the configured mail server; without one, which production does not start with, to a folder and to the log. */
export function createMailer({ url, from, folder }: MailOptions, log: Logger): ClosableMailer {
  if (url !== undefined) return createSmtpMailer({ url, from })
  return createFolderMailer({ folder, now: () => new Date(), log })
}
