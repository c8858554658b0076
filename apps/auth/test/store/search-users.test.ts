import { type Kysely, sql } from 'kysely'
import { test } from 'tap'
import type { UserSearch } from '../../src/domain/admin-ports.ts'
import type { Database } from '../../src/store/database.ts'
import { selectNumbers } from '../../src/store/search-users.ts'
import { openAdministered } from './administered.ts'
import { createEvent, createNewUser, email, username } from './stores.ts'

test('users are found by any part of their names and identifiers, newest first', async (t) => {
  const { users, search, add } = await openAdministered(t)
  await add('ann')
  const bea = { ...createNewUser(email('bea'), username('Wanderer_1')), firstName: 'Béatrice', lastName: 'Lovelace' }
  await users.insert(bea, createEvent(bea.id))
  t.same(await search({}), ['bea', 'ann'])
  t.same(await search({ query: 'EXAMPLE.com' }), ['bea', 'ann'])
  for (const query of ['wander', 'atrice love', 'LOVEL', 'bea@', 'derer_1'])
    t.same(await search({ query }), ['bea'], query)
  t.same(await search({ query: 'an' }), ['ann'], 'so short a text is the beginning of a name or an identifier')
  t.same(await search({ query: 'w' }), ['bea'])
  for (const query of ['%', '_and', 'a\\', 'nobody', "'"]) t.same(await search({ query }), [], query)
})

test('a change of names or identifiers is found at once, and what was is not', async (t) => {
  const { users, search, add, db } = await openAdministered(t)
  const ann = await add('ann')
  await users.updateProfile({ userId: ann, lastName: 'Thrope', identifiers: { email: email('zoe') } }, () =>
    createEvent(ann)
  )
  t.same(await search({ query: 'thrope' }), ['zoe'])
  t.same(await search({ query: 'zoe@' }), ['zoe'])
  t.same(await search({ query: 'ann@' }), [])
  await db.deleteFrom('users').where('id', '=', ann).execute()
  t.same(await db.selectFrom('userSearch').selectAll().execute(), [], 'nothing is left of a user who is gone')
})

test('state, role and text narrow the list together, page by page', async (t) => {
  const { search, add, block, db } = await openAdministered(t)
  for (const name of ['ann', 'bea', 'cleo', 'dora']) await add(name, name < 'c' ? 'admin' : 'user')
  const dora = (await db.selectFrom('users').select('id').where('number', '=', 4).executeTakeFirstOrThrow()).id
  const ann = (await db.selectFrom('users').select('id').where('number', '=', 1).executeTakeFirstOrThrow()).id
  await block(dora)
  await block(ann, new Date(Date.now() + 3_600_000))
  await db.updateTable('users').set({ emailVerified: true }).where('number', '=', 2).execute()
  t.same(await search({ state: 'blocked' }), ['dora', 'ann'])
  t.same(await search({ state: 'active' }), ['cleo', 'bea'])
  t.same(await search({ state: 'unverified' }), ['dora', 'cleo', 'ann'])
  t.same(await search({ role: 'admin' }), ['bea', 'ann'])
  t.same(await search({ role: 'admin', state: 'blocked', query: 'example' }), ['ann'])
  t.same(await search({ query: 'example', limit: 2 }), ['dora', 'cleo'])
  t.same(await search({ query: 'example', limit: 2, beforeNumber: 3 }), ['bea', 'ann'])
  await db
    .updateTable('userBlocks')
    .set({ blockedUntil: new Date(Date.now() - 1) })
    .where('userId', '=', ann)
    .execute()
  t.same(await search({ state: 'blocked' }), ['dora'], 'a block that is over is none')
})

/** What the triggers would do row by row, in a few statements. */
async function fill(db: Kysely<Database>, count: number): Promise<void> {
  await sql`alter table users disable trigger user_search`.execute(db)
  await sql`alter table user_identifiers disable trigger user_search`.execute(db)
  for (let done = 0; done < count; done += 25_000) {
    await sql`insert into users (id, first_name)
      select gen_random_uuid(), 'Ann' from generate_series(1, 25000)`.execute(db)
    const added = sql`from users where number > ${done}`
    await sql`insert into user_identifiers
      select 'email', number || '@example.com', number || '@example.com', id ${added}`.execute(db)
    await sql`insert into user_search
      select number, e'\nann\n' || number || '@example.com' ${added}`.execute(db)
  }
  await sql`analyze`.execute(db)
}

test('among 200 000 users no search reads all of them', async (t) => {
  const { db } = await openAdministered(t)
  await fill(db, 200_000)
  const everybody = { query: undefined, state: undefined, role: undefined, limit: 51, beforeNumber: undefined }
  const explain = async (search: Partial<UserSearch>) => {
    const plan = await selectNumbers(db, { ...everybody, ...search }).explain(
      'text',
      sql`analyze, costs off, timing off`
    )
    return JSON.stringify(plan)
  }
  const rare = await explain({ query: '123456@' })
  t.match(rare, /Bitmap Index Scan on user_search_text/)
  for (const search of [
    {},
    { query: 'example' },
    { query: 'ann', state: 'active' },
    { state: 'unverified' }
  ] as const) {
    const plan = await explain(search)
    t.notMatch(plan, /Seq Scan on (users|user_search|user_identifiers)\b/, JSON.stringify(search))
  }
  t.notMatch(await explain({ role: 'admin' }), /Seq Scan on users/)
  t.notMatch(await explain({ query: 'example', beforeNumber: 100_000 }), /Seq Scan/)
})
