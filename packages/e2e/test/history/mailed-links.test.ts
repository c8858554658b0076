import { test } from 'tap'
import { findMailedLink } from '../../src/history/mailed-links.ts'

const ann = { name: 'ann', password: '', sessions: [] }

function createMail(text: string, to = 'ann@example.com') {
  return { from: '', to, subject: '', text, html: '', headers: new Map() }
}

test('of all mails the latest to that person, of that kind and about that, has the link', async (t) => {
  const mails = [
    createMail('curl: https://id.example.com/v1/session-reports/first_one'),
    createMail('curl: https://id.example.com/v1/session-reports/second-one\nThanks'),
    createMail('Firefox: https://id.example.com/v1/session-reports/other'),
    createMail('curl: https://id.example.com/v1/password-resets/other'),
    createMail('curl: https://id.example.com/v1/session-reports/other', 'bea@example.com')
  ]
  const link = { kind: 'session-reports', about: 'curl' } as const
  t.equal(findMailedLink({ mails }, ann, link), '/v1/session-reports/second-one')
  t.equal(findMailedLink({ mails: [] }, ann, link), undefined)
})
