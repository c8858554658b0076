import { hashToken } from './link-token.ts'
import { type DueMail, type Mailer, MailRefused, type MailStore, type Message } from './mail-ports.ts'

export interface SendDeps {
  readonly mails: MailStore
  readonly mailer: Mailer
  /** `token` for mails with a link. */
  readonly compose: (mail: DueMail, token: string | undefined) => Message
  /** Random, of 128 bits at least. */
  readonly newToken: () => string
  /** Told of each attempt: that it went well, or why not, and whether it was the last. */
  readonly observe: (mail: DueMail, outcome: Outcome) => void
}

export type Outcome = { readonly sent: true } | { readonly sent: false; readonly err: unknown; readonly final: boolean }

/** Tried over some eight hours: a mail server that is away comes back. */
const MAX_ATTEMPTS = 15
const MAX_DELAY_SECONDS = 3600

/** `busy`: more may be due. `failing`: some could not be sent for now, so that others had better wait. */
export type Round = 'busy' | 'idle' | 'failing'

/** Sends up to so many mails at the same time. */
export async function sendMails(deps: SendDeps, limit: number): Promise<Round> {
  const due = await deps.mails.claim(limit)
  const settled = await Promise.all(due.map((mail) => sendMail(deps, mail)))
  if (settled.includes(false)) return 'failing'
  return due.length === limit ? 'busy' : 'idle'
}

/**
 * The token is made here, so that it is nowhere but in the mail; a mail that is sent again gets another one. `false` for
 * a mail that stays.
 */
async function sendMail({ mails, mailer, compose, newToken, observe }: SendDeps, mail: DueMail): Promise<boolean> {
  const token = mail.linkId === null ? undefined : newToken()
  if (mail.linkId !== null && token !== undefined && !(await mails.addToken(mail.linkId, hashToken(token)))) {
    await mails.remove(mail.id)
    return true
  }
  try {
    await mailer.send(compose(mail, token))
  } catch (err) {
    const final = err instanceof MailRefused || mail.attempts >= MAX_ATTEMPTS
    observe(mail, { sent: false, err, final })
    await (final ? mails.giveUp(mail.id) : mails.postpone(mail.id, getDelaySeconds(mail.attempts)))
    return final
  }
  observe(mail, { sent: true })
  await mails.remove(mail.id)
  return true
}

function getDelaySeconds(attempts: number): number {
  return Math.min(4 ** (attempts - 1), MAX_DELAY_SECONDS)
}
