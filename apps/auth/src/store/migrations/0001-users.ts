import { type Kysely, sql } from 'kysely'

/** A user's identifiers are claimed before the user is inserted, hence the deferred foreign key. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table users (
      id uuid primary key,
      number integer generated always as identity unique,
      role text not null default 'user' check (role in ('user', 'admin')),
      first_name text,
      last_name text,
      email_verified boolean not null default false,
      epoch integer not null default 0,
      profile_version integer not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now()
    )`.execute(db)
  await sql`
    create table user_identifiers (
      kind text not null check (kind in ('email', 'username', 'mobile')),
      canonical text collate "C" not null,
      entered text not null,
      user_id uuid not null references users on delete cascade deferrable initially deferred,
      primary key (kind, canonical),
      unique (user_id, kind)
    )`.execute(db)
  await sql`
    create table passwords (
      user_id uuid primary key references users on delete cascade,
      verifier text not null,
      changed_at timestamptz not null default now()
    )`.execute(db)
}
