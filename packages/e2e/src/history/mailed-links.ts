import type { MailServer } from '@latchkey/testing/mail'
import { eventually } from '../people.ts'
import type { Account } from './account.ts'

export type Mails = Pick<MailServer, 'mails'>

export interface MailedLink {
  /** The first part of its path below `/v1`. */
  readonly kind: 'password-resets' | 'session-reports'
  /** What the mail has to speak of. */
  readonly about: string
}

/** Longer than a mail takes, unless who sends it is kept from it: the run goes on without it then. */
const COMES_WITHIN_MS = 3000

/** The path of the link in the latest such mail to them. A mail that is sent once more has another link. */
export function findMailedLink({ mails }: Mails, { name }: Account, { kind, about }: MailedLink): string | undefined {
  const pattern = new RegExp(`/v1/${kind}/[\\w-]+`)
  const mail = mails.findLast(({ to, text }) => {
    return to === `${name}@example.com` && pattern.test(text) && text.includes(about)
  })
  return mail === undefined ? undefined : pattern.exec(mail.text)?.[0]
}

/** False when none came in time. */
export async function awaitMailedLink(mails: Mails, account: Account, link: MailedLink): Promise<boolean> {
  const find = async () => findMailedLink(mails, account, link)
  return (await eventually(find, (path) => path !== undefined, COMES_WITHIN_MS)) !== undefined
}
