import { type Kysely, sql } from 'kysely'

/** Second factors: what is in these tables lets nobody make a code, or use one. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table totp_factors (
      user_id uuid primary key references users on delete cascade,
      secret bytea not null,
      last_step integer not null default 0,
      confirmed_at timestamptz,
      created_at timestamptz not null default now()
    )`.execute(db)
  await sql`
    create table recovery_codes (
      user_id uuid not null references users on delete cascade,
      hash bytea not null,
      primary key (user_id, hash)
    )`.execute(db)
  await sql`
    create table factor_attempts (
      user_id uuid primary key references users on delete cascade,
      count integer not null,
      resets_at timestamptz not null
    )`.execute(db)
}
