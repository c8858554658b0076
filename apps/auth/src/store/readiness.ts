import { type Kysely, sql } from 'kysely'
import type { Database } from './database.ts'
import { listPendingMigrations } from './migrations.ts'

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
