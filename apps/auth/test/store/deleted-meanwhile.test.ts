import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { test } from 'tap'
import { createEvent, createNewUser, email, openTestStores } from './stores.ts'

type Stores = Awaited<ReturnType<typeof openTestStores>>

async function isAnyWaiting({ db }: Stores): Promise<boolean> {
  const { rows } = await sql`
    select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(db)
  return rows.length > 0
}

/** What the work comes to that begins while its user is being deleted. */
async function runDuringDeletion<T>(stores: Stores, userId: string, work: () => Promise<T>): Promise<T> {
  const { under } = await stores.db.transaction().execute(async (trx) => {
    await trx.deleteFrom('users').where('id', '=', userId).execute()
    const under = work()
    under.catch(() => undefined)
    let isWaiting = false
    while (!isWaiting) isWaiting = await isAnyWaiting(stores)
    return { under }
  })
  return await under
}

const BUDGET = { limit: 3, windowSeconds: 60 }
const details = { device: 'Phone', ip: '192.0.2.7', at: '2026-11-21T09:30:00.000Z' }

test('whatever is added to a user who is being deleted finds them gone', async (t) => {
  const stores = await openTestStores(t)
  const address = 'ann@example.com'
  const works: Record<string, (userId: string) => Promise<unknown>> = {
    'a second factor': (userId) => stores.factors.putPending(userId, randomBytes(49)),
    'an attempt at a code': (userId) => stores.factors.countAttempt(userId, BUDGET),
    'a link to another password': () => stores.recovery.requestReset({ address, source: '192.0.2.0/24' }),
    'a question about a session': (userId) =>
      stores.recovery.askAboutSession({ userId, address, sessionId: 's'.repeat(34), details })
  }
  const outcomes: Record<string, unknown> = {}
  for (const [name, work] of Object.entries(works)) {
    const user = createNewUser(email('ann'))
    await stores.users.insert(user, createEvent(user.id))
    outcomes[name] = await runDuringDeletion(stores, user.id, () => work(user.id))
  }
  t.match(outcomes, {
    'a second factor': { code: 'user_not_found' },
    'an attempt at a code': { code: 'user_not_found' },
    'a link to another password': { ok: true },
    'a question about a session': undefined
  })
  t.same(await stores.db.selectFrom('mailLinks').selectAll().execute(), [])
  t.same(await stores.db.selectFrom('mails').selectAll().execute(), [])
})
