import { type Kysely, sql } from 'kysely'
import type { Database } from './database.ts'
import { listPendingMigrations } from './migrations.ts'

/** The time by the database's clock, in milliseconds since 1970. */
export async function readTime(db: Kysely<Database>): Promise<number> {
  const { rows } = await sql<{ nowMs: number }>`
    select (extract(epoch from clock_timestamp()) * 1000)::double precision as now_ms`.execute(db)
  const [row] = rows
  if (row === undefined) throw new Error('the database tells no time')
  return row.nowMs
}

/** Rejects while the database does not answer, or while a migration that this code needs is pending. */
export function createDatabaseCheck(db: Kysely<Database>): () => Promise<void> {
  let migrated = false
  return async () => {
    if (migrated) {
      await sql`select 1`.execute(db)
      return
    }
    const pending = await listPendingMigrations(db)
    if (pending.length > 0) throw new Error(`migrations are pending: ${pending.join(', ')}`)
    migrated = true
  }
}
