import { sql } from 'kysely'
import { test } from 'tap'
import { hashToken } from '../../src/domain/link-token.ts'
import { createEvent, createNewUser, email, openTestStores } from './stores.ts'

async function openWithMails(t: Parameters<typeof openTestStores>[0]) {
  const stores = await openTestStores(t)
  for (const name of ['ann', 'bea', 'carl']) {
    const user = createNewUser(email(name))
    await stores.users.insert(user, createEvent(user.id))
  }
  const expire = () => stores.db.updateTable('mails').set({ dueAt: sql`now()` }).execute()
  return { ...stores, expire }
}

test('each mail goes to one of several claimants, with what it needs to be written', async (t) => {
  const { mails } = await openWithMails(t)
  const claimed = (await Promise.all([mails.claim(2), mails.claim(2), mails.claim(2)])).flat()
  t.equal(new Set(claimed.map(({ id }) => id)).size, 3)
  t.match(
    claimed.find(({ recipient }) => recipient === 'ann@Example.com'),
    {
      kind: 'email_verification',
      firstName: null,
      linkId: String,
      details: null,
      attempts: 1
    }
  )
})

test('a name is for those who are known to bear it', async (t) => {
  const { mails, db, expire } = await openWithMails(t)
  t.same(new Set((await mails.claim(3)).map(({ firstName }) => firstName)), new Set([null]))
  await db.updateTable('users').set({ emailVerified: true }).execute()
  await expire()
  t.same(new Set((await mails.claim(3)).map(({ firstName }) => firstName)), new Set(['Ann']))
  await db.updateTable('mails').set({ kind: 'email_change' }).execute()
  await expire()
  t.same(new Set((await mails.claim(3)).map(({ firstName }) => firstName)), new Set([null]))
})

test('a mail comes again when its turn is over, or put off, and not once it was removed or given up', async (t) => {
  const { mails, expire } = await openWithMails(t)
  const [first, second, third] = await mails.claim(3)
  await mails.remove(first?.id ?? '')
  await mails.giveUp(second?.id ?? '')
  await expire()
  t.match(await mails.claim(3), [{ id: third?.id, attempts: 2 }])
  await mails.postpone(third?.id ?? '', 60)
  t.same(await mails.claim(3), [])
  await mails.postpone(third?.id ?? '', 0)
  t.match(await mails.claim(3), [{ id: third?.id, attempts: 3 }])
})

test('how many mails wait is told, and for how long one has waited', async (t) => {
  const { mails, db } = await openWithMails(t)
  t.match(await mails.measure(), { waiting: 3 })
  const [first] = await mails.claim(3)
  await mails.giveUp(first?.id ?? '')
  t.same(await mails.measure(), { waiting: 2, overdueSeconds: 0 }, 'those that are being sent wait, and are not late')
  await db.updateTable('mails').set({ dueAt: sql`now() - interval '1 hour'` }).execute()
  t.ok((await mails.measure()).overdueSeconds >= 3600)
})

test('a link that has expired or was replaced takes no token', async (t) => {
  const { mails, db } = await openWithMails(t)
  const [first, second] = await mails.claim(2)
  t.equal(await mails.addToken(first?.linkId ?? '', hashToken('a')), true)
  t.equal(await mails.addToken(first?.linkId ?? '', hashToken('b')), true, 'a mail may be sent again')
  await db
    .deleteFrom('mailLinks')
    .where('id', '=', first?.linkId ?? '')
    .execute()
  t.equal(await mails.addToken(first?.linkId ?? '', hashToken('c')), false)
  await db.updateTable('mailLinks').set({ expiresAt: sql`now()` }).execute()
  t.equal(await mails.addToken(second?.linkId ?? '', hashToken('d')), false)
})

test('what is of no use any more is removed, and nothing else', async (t) => {
  const { mails, db } = await openWithMails(t)
  const [first, second] = await mails.claim(3)
  const setExpired = { expiresAt: sql<Date>`now() - interval '1 second'` }
  await db
    .updateTable('mailLinks')
    .set(setExpired)
    .where('id', '=', first?.linkId ?? '')
    .execute()
  const setGivenUp = { givenUpAt: sql<Date>`now() - interval '8 days'` }
  await db
    .updateTable('mails')
    .set(setGivenUp)
    .where('id', '=', second?.id ?? '')
    .execute()
  const setReset = { resetsAt: sql<Date>`now() - interval '1 second'` }
  await db.updateTable('mailQuotas').set(setReset).where('key', 'like', 'email_verification%').execute()
  await mails.purge()
  t.equal((await db.selectFrom('mails').selectAll().execute()).length, 1)
  t.equal((await db.selectFrom('mailLinks').selectAll().execute()).length, 2)
  t.equal((await db.selectFrom('mailQuotas').selectAll().execute()).length, 0)
})

test('a user who is gone takes their mails and links along', async (t) => {
  const { mails, db } = await openWithMails(t)
  await db.deleteFrom('users').execute()
  t.same(await mails.claim(3), [])
  t.equal((await db.selectFrom('mailLinks').selectAll().execute()).length, 0)
})
