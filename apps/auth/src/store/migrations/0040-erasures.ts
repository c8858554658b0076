import { type Kysely, sql } from 'kysely'

/**
 * Users whose rows are gone and whom the other services have yet to forget. Without a foreign key: a row outlives its
 * user. Once they are forgotten everywhere only a hash of the id stays, for a while.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table erasures (
      id_hash bytea primary key,
      user_id uuid unique,
      due_at timestamptz not null,
      erased_at timestamptz not null default now()
    )`.execute(db)
}
