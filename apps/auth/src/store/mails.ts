import { type Kysely, sql } from 'kysely'
import type { DueMail, MailBacklog, MailStore } from '../domain/mail-ports.ts'
import type { Database } from './database.ts'
import type { StoreOptions } from './options.ts'

const PURGE_LIMIT = 500
const MAX_COUNTED = 10_000

export function createMailStore({ db, attempt }: StoreOptions): MailStore {
  const run = (statement: () => Promise<unknown>): Promise<void> =>
    attempt(async () => {
      await statement()
    })
  return {
    claim: (limit) => attempt(() => claim(db, limit)),
    addToken: (linkId, hash) => attempt(() => addToken(db, linkId, hash)),
    remove: (id) => run(() => db.deleteFrom('mails').where('id', '=', id).execute()),
    postpone: (id, delaySeconds) =>
      run(() => {
        const dueAt = sql<Date>`now() + make_interval(secs => ${delaySeconds})`
        return db.updateTable('mails').set({ dueAt }).where('id', '=', id).execute()
      }),
    giveUp: (id) =>
      run(() => db.updateTable('mails').set({ givenUpAt: sql<Date>`now()` }).where('id', '=', id).execute()),
    purge: () => run(() => purge(db)),
    measure: () => attempt(() => measure(db))
  }
}

async function claim(db: Kysely<Database>, limit: number): Promise<DueMail[]> {
  const { rows } = await sql<DueMail>`
    update mails set attempts = attempts + 1, due_at = now() + interval '60 seconds'
    from users
    where users.id = mails.user_id and mails.id in (
      select id from mails where given_up_at is null and due_at <= now()
      order by due_at limit ${limit} for update skip locked
    )
    returning mails.id::text, mails.kind, mails.recipient, mails.link_id::text, mails.details, mails.attempts,
      case when users.email_verified and mails.kind <> 'email_change' then users.first_name end as first_name`.execute(
    db
  )
  return rows
}

async function addToken(db: Kysely<Database>, linkId: string, hash: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into mail_link_tokens (hash, link_id)
    select ${hash}, id from mail_links where id = ${linkId} and expires_at > now() for key share`.execute(db)
  return numAffectedRows === 1n
}

/** In small pieces, and past what somebody else is at: nothing waits for it. */
async function purge(db: Kysely<Database>): Promise<void> {
  await sql`
    delete from mail_links where id in (
      select id from mail_links where expires_at < now() limit ${PURGE_LIMIT} for update skip locked
    )`.execute(db)
  await sql`
    delete from mails where id in (
      select id from mails where given_up_at < now() - interval '7 days' limit ${PURGE_LIMIT} for update skip locked
    )`.execute(db)
  await sql`
    delete from mail_quotas where key in (
      select key from mail_quotas where resets_at < now() limit ${PURGE_LIMIT} for update skip locked
    )`.execute(db)
}

async function measure(db: Kysely<Database>): Promise<MailBacklog> {
  const { rows } = await sql<MailBacklog>`
    select count(*)::integer as waiting,
      greatest(coalesce(extract(epoch from now() - min(due_at)), 0), 0)::double precision as overdue_seconds
    from (
      select due_at from mails where given_up_at is null order by due_at limit ${sql.lit(MAX_COUNTED)}
    ) as unsent`.execute(db)
  return rows[0] ?? { waiting: 0, overdueSeconds: 0 }
}
