import { test } from 'tap'
import { hashToken } from '../../src/domain/link-token.ts'
import { type DueMail, MailRefused } from '../../src/domain/mail-ports.ts'
import { type Outcome, type SendDeps, sendMails } from '../../src/domain/send-mails.ts'

const verification: DueMail = {
  id: '1',
  kind: 'email_verification',
  recipient: 'ann@example.com',
  firstName: null,
  linkId: '7',
  details: null,
  attempts: 1
}
const notice: DueMail = { ...verification, id: '2', kind: 'password_changed', linkId: null }

function createSending(due: DueMail[], { refusal, valid = true }: { refusal?: Error; valid?: boolean } = {}) {
  const calls: unknown[][] = []
  const outcomes: Outcome[] = []
  const note = async (...call: unknown[]) => void calls.push(call)
  const deps: SendDeps = {
    mails: {
      claim: async () => due,
      addToken: async (linkId, hash) => {
        await note('addToken', linkId, hash)
        return valid
      },
      remove: (id) => note('remove', id),
      postpone: (id, seconds) => note('postpone', id, seconds),
      giveUp: (id) => note('giveUp', id),
      purge: () => note('purge'),
      measure: async () => ({ waiting: due.length, overdueSeconds: 0 })
    },
    mailer: {
      send: async ({ link }) => {
        await note('send', link)
        if (refusal !== undefined) throw refusal
      }
    },
    compose: ({ recipient }, token) => ({ recipient, subject: '', text: '', html: '', link: token }),
    newToken: () => 'token',
    observe: (_mail, outcome) => void outcomes.push(outcome)
  }
  return { deps, calls, outcomes }
}

test('the token of a link is kept as a hash before its mail leaves, and the mail is removed after', async (t) => {
  const { deps, calls, outcomes } = createSending([verification])
  t.equal(await sendMails(deps, 2), 'idle')
  t.same(calls, [
    ['addToken', '7', hashToken('token')],
    ['send', 'token'],
    ['remove', '1']
  ])
  t.same(outcomes, [{ sent: true }])
})

test('a notice has no token, and a full round says that more may be due', async (t) => {
  const { deps, calls } = createSending([notice])
  t.equal(await sendMails(deps, 1), 'busy')
  t.same(calls, [
    ['send', undefined],
    ['remove', '2']
  ])
})

test('a mail whose link is void is not sent', async (t) => {
  const { deps, calls } = createSending([verification], { valid: false })
  t.equal(await sendMails(deps, 2), 'idle')
  t.same(calls.slice(1), [['remove', '1']])
})

test('what cannot be sent for now is tried again after growing delays, a bounded number of times', async (t) => {
  const refusal = new Error('away')
  for (const [attempts, seconds] of [
    [1, 1],
    [2, 4],
    [4, 64],
    [14, 3600]
  ] as const) {
    const { deps, calls, outcomes } = createSending([{ ...notice, attempts }], { refusal })
    t.equal(await sendMails(deps, 2), 'failing')
    t.same(calls.at(-1), ['postpone', '2', seconds])
    t.same(outcomes, [{ sent: false, err: refusal, final: false }])
  }
  const { deps, calls, outcomes } = createSending([{ ...notice, attempts: 15 }], { refusal })
  t.equal(await sendMails(deps, 2), 'idle')
  t.same(calls.at(-1), ['giveUp', '2'])
  t.same(outcomes, [{ sent: false, err: refusal, final: true }])
})

test('what a mail server refuses for good is given up at once', async (t) => {
  const { deps, calls } = createSending([notice], { refusal: new MailRefused('no such user') })
  await sendMails(deps, 2)
  t.same(calls.at(-1), ['giveUp', '2'])
})
