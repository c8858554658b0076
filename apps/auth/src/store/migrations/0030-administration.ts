import { type Kysely, sql } from 'kysely'

/** Blocks by admins. Whoever set one may be gone later, hence no foreign key. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table user_blocks (
      user_id uuid primary key references users on delete cascade,
      blocked_until timestamptz,
      blocked_at timestamptz not null default now(),
      blocked_by uuid,
      note text
    )`.execute(db)
  await sql`create index users_admins on users (id) where role = 'admin'`.execute(db)
  await sql`alter table session_endings add column admin_id uuid`.execute(db)
}
