import { type Kysely, sql } from 'kysely'

/**
 * Mails on their way, the links in them and how many went where. Of a link's token only the hash is here, and that only
 * from when its mail leaves: what a mail needs to be sent again is the link, not the token.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createLinks(db)
  await sql`
    create table mails (
      id bigint generated always as identity primary key,
      user_id uuid not null references users on delete cascade,
      link_id bigint references mail_links on delete cascade,
      kind text not null,
      recipient text not null,
      details jsonb,
      attempts integer not null default 0,
      due_at timestamptz not null default now(),
      given_up_at timestamptz
    )`.execute(db)
  await sql`create index mails_due_at on mails (due_at) where given_up_at is null`.execute(db)
  await sql`create index mails_user_id on mails (user_id)`.execute(db)
  await sql`create index mails_link_id on mails (link_id)`.execute(db)
  await sql`
    create table mail_quotas (
      key text collate "C" primary key,
      used integer not null,
      resets_at timestamptz not null
    )`.execute(db)
  await sql`create index mail_quotas_resets_at on mail_quotas (resets_at)`.execute(db)
  // After a reset by mail no session goes on.
  await sql`alter table session_endings alter column except_session_id drop not null`.execute(db)
}

async function createLinks(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table mail_links (
      id bigint generated always as identity primary key,
      user_id uuid not null references users on delete cascade,
      purpose text not null,
      address text collate "C" not null,
      entered text not null,
      replaces text collate "C",
      epoch integer not null,
      session_id text,
      expires_at timestamptz not null
    )`.execute(db)
  await sql`create index mail_links_user_id on mail_links (user_id, purpose)`.execute(db)
  await sql`create index mail_links_expires_at on mail_links (expires_at)`.execute(db)
  await sql`
    create table mail_link_tokens (
      hash text collate "C" primary key,
      link_id bigint not null references mail_links on delete cascade
    )`.execute(db)
  await sql`create index mail_link_tokens_link_id on mail_link_tokens (link_id)`.execute(db)
}
