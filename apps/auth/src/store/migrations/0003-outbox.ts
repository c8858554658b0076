import { createOutboxTable } from '@latchkey/outbox/postgres'
import type { Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await createOutboxTable(db)
}
