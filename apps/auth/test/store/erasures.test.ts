import { randomUUID } from 'node:crypto'
import type { PlatformEvent } from '@latchkey/contracts/events'
import { sql } from 'kysely'
import { test } from 'tap'
import { createEvent, createNewUser, email, openTestStores, username } from './stores.ts'

type Stores = Awaited<ReturnType<typeof openTestStores>>

function createAuditEvent(): PlatformEvent {
  return { ...createEvent(randomUUID()), name: 'userDeleted', payload: {} } as PlatformEvent
}

/** Every row of every table as text. */
async function dump({ db }: Stores): Promise<string> {
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = 'public'`.execute(db)
  const tables = await Promise.all(rows.map(({ name }) => sql`select * from ${sql.table(name)}`.execute(db)))
  return JSON.stringify(tables.map((table) => table.rows))
}

async function insert({ users }: Stores, name: string) {
  const user = createNewUser(email(name), username(name))
  await users.insert(user, createEvent(user.id))
  return user
}

test('a deleted user is in no table but that of pending erasures, and not there once it is settled', async (t) => {
  const stores = await openTestStores(t)
  const [user, other] = [await insert(stores, 'ann'), await insert(stores, 'bob')]
  await stores.users.replacePassword(
    { userId: user.id, from: 'first verifier', to: 'second', exceptSessionId: 'none' },
    () => createEvent(user.id)
  )
  const audit = createAuditEvent()
  t.match(await stores.erasures.deleteUser({ userId: user.id, epoch: 1 }, audit), { ok: true, value: true })
  const { db } = stores
  t.same(await db.selectFrom('erasures').select('userId').execute(), [{ userId: user.id }])
  t.notMatch(await dump(stores), /ann@/i)
  t.same(await stores.erasures.claim(10), [], 'for a moment it is the caller own')

  await stores.erasures.settle(user.id)
  const text = await dump(stores)
  t.notMatch(text, user.id)
  t.match(text, audit.id)
  t.match(text, other.id)
  t.same(await stores.erasures.claim(10), [])
})

test('a deletion by credentials that have changed does nothing', async (t) => {
  const stores = await openTestStores(t)
  const user = await insert(stores, 'ann')
  t.match(await stores.erasures.deleteUser({ userId: user.id, epoch: 7 }, createAuditEvent()), { value: false })
  t.ok(await stores.users.findById(user.id))
  t.equal((await stores.db.selectFrom('erasures').selectAll().execute()).length, 0)
})

test('of twenty parallel deletions one deletes', async (t) => {
  const stores = await openTestStores(t)
  const user = await insert(stores, 'ann')
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, () =>
      stores.erasures.deleteUser({ userId: user.id, epoch: undefined }, createAuditEvent())
    )
  )
  t.equal(outcomes.filter(({ ok }) => ok).length, 1)
  t.ok(outcomes.every((outcome) => outcome.ok || outcome.code === 'user_not_found'))
})

test('of the last two admins who are deleted at once, one stays', async (t) => {
  const stores = await openTestStores(t)
  const admins = [await insert(stores, 'ann'), await insert(stores, 'bob')]
  await stores.db.updateTable('users').set({ role: 'admin' }).execute()
  const outcomes = await Promise.all(
    admins.map(({ id }) => stores.erasures.deleteUser({ userId: id, epoch: undefined }, createAuditEvent()))
  )
  t.same(outcomes.map((outcome) => (outcome.ok ? 'deleted' : outcome.code)).toSorted(), ['deleted', 'last_admin'])
})

test('what nobody settles is claimed by one after the other', async (t) => {
  const stores = await openTestStores(t)
  const user = await insert(stores, 'ann')
  await stores.erasures.deleteUser({ userId: user.id, epoch: undefined }, createAuditEvent())
  await stores.db
    .updateTable('erasures')
    .set({ dueAt: new Date(0) })
    .execute()
  const claims = await Promise.all(Array.from({ length: 5 }, () => stores.erasures.claim(10)))
  t.same(claims.flat(), [user.id])
  t.equal(await stores.erasures.claimOne(user.id), true)
  await stores.erasures.settle(user.id)
  t.equal(await stores.erasures.claimOne(user.id), false)
})

test('what is left of an id goes when nothing about it can be on its way', async (t) => {
  const stores = await openTestStores(t)
  const user = await insert(stores, 'ann')
  await stores.erasures.deleteUser({ userId: user.id, epoch: undefined }, createAuditEvent())
  await stores.erasures.settle(user.id)
  const count = async () => (await stores.db.selectFrom('erasures').selectAll().execute()).length
  await stores.erasures.claim(1)
  t.equal(await count(), 1)
  await stores.db
    .updateTable('erasures')
    .set({ erasedAt: new Date(Date.now() - 10 * 24 * 3_600_000) })
    .execute()
  await stores.erasures.claim(1)
  t.equal(await count(), 0)
})
