import { type Kysely, sql } from 'kysely'

/** What the session service has yet to be told, written in the transaction of the change. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table session_endings (
      id bigint generated always as identity primary key,
      user_id uuid not null references users on delete cascade,
      except_session_id text not null,
      reason text not null,
      epoch integer not null,
      due_at timestamptz not null
    )`.execute(db)
  await sql`create index session_endings_user_id on session_endings (user_id)`.execute(db)
  await sql`
    create table profile_copies (
      user_id uuid primary key references users on delete cascade,
      version integer not null,
      due_at timestamptz not null
    )`.execute(db)
}
