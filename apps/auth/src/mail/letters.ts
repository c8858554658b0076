import type { DueMail, MailKind, SignInDetails } from '../domain/mail-ports.ts'

/** What a mail says, before it is given a form. */
export interface Letter {
  readonly subject: string
  readonly paragraphs: readonly string[]
  /** The one thing to do, by following the mail's link. */
  readonly action?: { readonly label: string; readonly path: string }
  /** Said last, and smaller. */
  readonly note: string
}

const IGNORE = 'If this was not you, ignore this mail: nothing changes.'
const RECOVER = 'If this was not you, reset your password at once.'
const ONCE = 'The link works once, for one hour.'

const letters: Record<MailKind, (details: SignInDetails | null) => Letter> = {
  email_verification: () => ({
    subject: 'Confirm your e-mail address',
    paragraphs: ['Please confirm that this address is yours.', ONCE],
    action: { label: 'Confirm the address', path: 'email-verifications' },
    note: 'If you have not signed up, ignore this mail.'
  }),
  email_change: () => ({
    subject: 'Confirm your new e-mail address',
    paragraphs: ['You asked for this to be your new address. It takes the place of the old one once confirmed.', ONCE],
    action: { label: 'Confirm the new address', path: 'email-verifications' },
    note: IGNORE
  }),
  email_change_requested: () => ({
    subject: 'A change of your e-mail address was requested',
    paragraphs: ['Somebody signed in as you asked for another address to take the place of this one.'],
    note: `Until the other one is confirmed this one stays. ${RECOVER}`
  }),
  email_changed: () => ({
    subject: 'Your e-mail address was changed',
    paragraphs: ['Another address has taken the place of this one. We do not write here any more.'],
    note: 'If this was not you, get in touch with us.'
  }),
  password_reset: () => ({
    subject: 'Reset your password',
    paragraphs: ['Somebody asked for a new password for your account.', `${ONCE} All sessions end when it is used.`],
    action: { label: 'Choose a new password', path: 'password-resets' },
    note: IGNORE
  }),
  password_changed: () => ({
    subject: 'Your password was changed',
    paragraphs: ['The password of your account was changed, and other sessions have ended.'],
    note: RECOVER
  }),
  new_device: (details) => ({
    subject: 'Was this you? A sign-in on a new device',
    paragraphs: ['Somebody has signed in to your account on a device we have not seen before.', describe(details)],
    action: { label: 'This was not me', path: 'session-reports' },
    note: 'If it was you, there is nothing to do. The link ends that session and no other; it works once, for a week.'
  })
}

export function writeLetter({ kind, details }: DueMail): Letter {
  return letters[kind](details)
}

function describe(details: SignInDetails | null): string {
  if (details === null) return ''
  const { device, ip, at } = details
  return `${device}, from ${ip === '' ? 'an unknown address' : ip}, on ${at.slice(0, 10)} at ${at.slice(11, 16)} UTC.`
}
