import type { DueMail, MailKind } from '../../src/domain/mail-ports.ts'

export const KINDS: readonly MailKind[] = [
  'email_verification',
  'email_change',
  'email_change_requested',
  'email_changed',
  'password_reset',
  'password_changed',
  'new_device'
]

export function createDueMail(kind: MailKind, given: Partial<DueMail> = {}): DueMail {
  const details = { device: 'Firefox on Linux', ip: '192.0.2.1', at: '2026-11-21T09:30:00.000Z' }
  return {
    id: '1',
    kind,
    recipient: 'ann@example.com',
    firstName: 'Ann',
    linkId: '7',
    details: kind === 'new_device' ? details : null,
    attempts: 1,
    ...given
  }
}
