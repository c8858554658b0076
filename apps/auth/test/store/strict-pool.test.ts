import { createDatabase } from '@latchkey/testing/stores'
import { Kysely, PostgresDialect, sql } from 'kysely'
import { Pool } from 'pg'
import { test } from 'tap'
import { createStrictPool } from '../../src/store/strict-pool.ts'

test('a connection whose transaction began without an answer is not used again', async (t) => {
  const { url } = await createDatabase(t)
  const pool = new Pool({ connectionString: url, max: 1, query_timeout: 200 })
  pool.on('error', () => undefined)
  const db = new Kysely({ dialect: new PostgresDialect({ pool: createStrictPool(pool) }) })
  t.teardown(() => db.destroy())
  const getPid = async () => (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)).rows[0]?.pid

  const before = await getPid()
  await t.rejects(
    db.transaction().execute((trx) => sql`select pg_sleep(5)`.execute(trx)),
    {
      message: 'Query read timeout'
    }
  )
  t.not(await getPid(), before)
})

test('a connection on which a statement failed is used again', async (t) => {
  const { url } = await createDatabase(t)
  const pool = new Pool({ connectionString: url, max: 1 })
  pool.on('error', () => undefined)
  const db = new Kysely({ dialect: new PostgresDialect({ pool: createStrictPool(pool) }) })
  t.teardown(() => db.destroy())
  const getPid = async () => (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)).rows[0]?.pid
  const before = await getPid()
  await t.rejects(sql`select nothing from nowhere`.execute(db))
  t.equal(await getPid(), before)
})
