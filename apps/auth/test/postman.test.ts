import { test } from 'tap'
import type { DueMail, Message } from '../src/domain/mail-ports.ts'
import { MailRefused } from '../src/domain/mail-ports.ts'
import { StoreUnavailable } from '../src/domain/ports.ts'
import { createPostman } from '../src/postman.ts'
import { createDueMail } from './mail/mails.ts'
import { until } from './stack.ts'

/** Longer than any test lives: only a nudge, or what is still to do, makes it look again. */
const NEVER_MS = 3_600_000

function openPostman(send: (message: Message) => Promise<void>, intervalMs = NEVER_MS) {
  const queue: DueMail[] = []
  const lines: string[] = []
  const state = { claims: 0, purges: 0, down: false }
  const note = (_fields: object, text: string) => void lines.push(text)
  const mails = {
    claim: async (limit: number) => {
      state.claims += 1
      if (state.down) throw new StoreUnavailable('down')
      return queue.splice(0, limit)
    },
    addToken: async () => true,
    remove: async () => undefined,
    postpone: async (id: string) => void queue.push(createDueMail('password_changed', { id, linkId: null })),
    giveUp: async () => undefined,
    measure: async () => ({ waiting: queue.length, overdueSeconds: 0 }),
    purge: async () => {
      state.purges += 1
    }
  }
  const compose = ({ id }: DueMail) => ({ recipient: id, subject: '', text: '', html: '', link: undefined })
  const log = { info: note, warn: note, error: note }
  const postman = createPostman({ deps: { mails, mailer: { send }, compose }, intervalMs, log })
  const put = (...ids: string[]) => queue.push(...ids.map((id) => createDueMail('new_device', { id })))
  return { postman, put, state, lines }
}

test('what is queued leaves at the start, and after a nudge, however many there are', async (t) => {
  const sent: string[] = []
  const { postman, put, state } = openPostman(async ({ recipient }) => void sent.push(recipient))
  t.teardown(() => postman.stop())
  put(...Array.from({ length: 12 }, (_, index) => `${index}`))
  postman.start()
  await until(() => sent.length === 12 && state.purges === 1)
  for (let count = 1; count <= 3; count += 1) {
    put(`more ${count}`)
    postman.nudge()
    await until(() => sent.length === 12 + count)
  }
  t.equal(state.purges, 1, 'purging is rare')
})

test('a nudge during a round is not lost', async (t) => {
  const sent: string[] = []
  const first = Promise.withResolvers<void>()
  const { postman, put } = openPostman(async ({ recipient }) => {
    if (recipient === 'first') await first.promise
    sent.push(recipient)
  })
  t.teardown(() => postman.stop())
  put('first')
  postman.start()
  await new Promise((resolve) => setImmediate(resolve))
  put('second')
  postman.nudge()
  first.resolve()
  await until(() => sent.length === 2)
})

test('a mail server that is away is told of once, and asked again without being nudged', async (t) => {
  let attempts = 0
  const { postman, put, lines } = openPostman(async () => {
    attempts += 1
    if (attempts < 3) throw new Error('away')
  }, 1)
  t.teardown(() => postman.stop())
  put('one')
  postman.start()
  await until(() => lines.length === 2)
  t.same(lines, ['the mail server does not answer', 'the mail server answers again'])
  t.equal(attempts, 3)
})

test('a mail that nobody will get is an error in the log', async (t) => {
  const { postman, put, lines } = openPostman(async () => {
    throw new MailRefused('no such user')
  })
  t.teardown(() => postman.stop())
  put('one')
  postman.start()
  await until(() => lines.length === 1)
  t.same(lines, ['mail given up'])
})

test('a store that is down is tried again, without a line of its own', async (t) => {
  const sent: string[] = []
  const { postman, put, state, lines } = openPostman(async ({ recipient }) => void sent.push(recipient), 1)
  t.teardown(() => postman.stop())
  state.down = true
  postman.start()
  await until(() => state.claims > 2)
  put('one')
  state.down = false
  await until(() => sent.length === 1)
  t.same(lines, [])
})

test('stopping waits for the mails under way and looks no more', async (t) => {
  const released = Promise.withResolvers<void>()
  const sent: string[] = []
  const { postman, put, state } = openPostman(async ({ recipient }) => {
    await released.promise
    sent.push(recipient)
  }, 1)
  put('one')
  postman.start()
  await until(() => state.claims === 1)
  const stopped = postman.stop()
  released.resolve()
  await stopped
  t.same(sent, ['one'])
  postman.nudge()
  t.equal(state.claims, 1)
})
