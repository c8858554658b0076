/** Mails with a link that does something; one of a kind replaces the one before it. */
export type LinkPurpose = 'email_verification' | 'email_change' | 'password_reset' | 'new_device'

/** All mails: those with a link, and notices of what has happened. */
export type MailKind = LinkPurpose | 'email_change_requested' | 'email_changed' | 'password_changed'

/** A sign-in that the user is asked about. */
export interface SignInDetails {
  readonly device: string
  readonly ip: string
  /** ISO 8601. */
  readonly at: string
}

/** A mail whose turn it is. */
export interface DueMail {
  readonly id: string
  readonly kind: MailKind
  /** As the person wrote their address. */
  readonly recipient: string
  /** Of a user whom the address is known to belong to: nobody is to be sent what somebody else calls themselves. */
  readonly firstName: string | null
  readonly linkId: string | null
  /** Of a `new_device` mail. */
  readonly details: SignInDetails | null
  /** How often it has been tried, this time included. */
  readonly attempts: number
}

/** Mails written with the changes they tell of. Throws `StoreUnavailable` when it does not answer. */
export interface MailStore {
  /** Each mail for one replica at a time; again when it was neither removed nor postponed for a minute. */
  claim(limit: number): Promise<DueMail[]>
  /** Keeps the hash of one more token of the link; `false` when it has expired or was replaced or used. */
  addToken(linkId: string, hash: string): Promise<boolean>
  remove(id: string): Promise<void>
  postpone(id: string, delaySeconds: number): Promise<void>
  /** Keeps the mail for those who look into why, for a week. */
  giveUp(id: string): Promise<void>
  /** Removes a bounded number of what is of no use any more. */
  purge(): Promise<void>
  measure(): Promise<MailBacklog>
}

export interface MailBacklog {
  /** Mails still to be sent, so far as they were counted: ten thousand at most. */
  readonly waiting: number
  /** How long the one that is due the longest has been due. */
  readonly overdueSeconds: number
}

export interface Message {
  readonly recipient: string
  readonly subject: string
  readonly text: string
  readonly html: string
  /** Where the mail's link leads, if it has one. */
  readonly link: string | undefined
}

/** Hands mail on. Throws `MailRefused` where trying again is of no use, anything else where it may be. */
export interface Mailer {
  send(message: Message): Promise<void>
}

export class MailRefused extends Error {
  override readonly name = 'MailRefused'
}
