import { createDatabase } from '@latchkey/testing/stores'
import { test } from 'tap'
import { migrateDatabase } from '../../src/migrate-database.ts'
import { listPendingMigrations } from '../../src/store/migrations.ts'
import { createDatabaseCheck } from '../../src/store/readiness.ts'
import { openTestDatabase } from './stores.ts'

const all = [
  '0001-users',
  '0002-pending',
  '0003-outbox',
  '0010-mail',
  '0020-factors',
  '0030-administration',
  '0031-user-search',
  '0040-erasures'
]

test('migrations are applied once, in order', async (t) => {
  const { url } = await createDatabase(t)
  const db = openTestDatabase(t, url)
  t.same(await listPendingMigrations(db), all)
  t.same(await migrateDatabase({ url, waitMs: 0 }), all)
  t.same(await listPendingMigrations(db), [])
  t.same(await migrateDatabase({ url, waitMs: 0 }), [])
})

test('two migrations started at the same time do the work once', async (t) => {
  const { url } = await createDatabase(t)
  const applied = await Promise.all([migrateDatabase({ url, waitMs: 0 }), migrateDatabase({ url, waitMs: 0 })])
  t.same(applied.flat(), all)
})

test('a database that does not answer in time is an error', async (t) => {
  await t.rejects(migrateDatabase({ url: 'postgres://auth:x@127.0.0.1:1/auth', waitMs: 0 }), { code: 'ECONNREFUSED' })
})

test('the database is ready once no migration is pending', async (t) => {
  const { url } = await createDatabase(t)
  const check = createDatabaseCheck(openTestDatabase(t, url))
  await t.rejects(check(), { message: /migrations are pending: 0001-users/ })
  await migrateDatabase({ url, waitMs: 0 })
  await t.resolves(check())
  await t.resolves(check())
})
