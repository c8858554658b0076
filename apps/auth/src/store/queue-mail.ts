import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { LinkPurpose, MailKind, SignInDetails } from '../domain/mail-ports.ts'
import type { Database } from './database.ts'
import { takeQuota } from './mail-quotas.ts'

const HOUR_SECONDS = 3600
const lifetimeSeconds: Record<LinkPurpose, number> = {
  email_verification: HOUR_SECONDS,
  email_change: HOUR_SECONDS,
  password_reset: HOUR_SECONDS,
  new_device: 7 * 24 * HOUR_SECONDS
}
const perHour: Record<LinkPurpose, number> = {
  email_verification: 5,
  email_change: 5,
  password_reset: 3,
  new_device: 5
}

/** Whom a link is mailed to, in the columns of `mail_links` that bear these names. */
export interface Target {
  readonly userId: string
  readonly address: string
  readonly entered: string
  readonly replaces: string | null
}

export interface NewLink {
  readonly purpose: LinkPurpose
  /** A query of at most one row. */
  readonly target: RawBuilder<Target>
  readonly sessionId?: string
  readonly details?: SignInDetails
}

/** The user's own address, whatever it is. */
export function ownAddress(userId: string): RawBuilder<Target> {
  return sql<Target>`select user_id, canonical as address, entered, null as replaces from user_identifiers
    where user_id = ${userId} and kind = 'email'`
}

/** Whether one more mail of the kind may leave to the address (in canonical form) within this hour. */
export async function mayMail(db: Kysely<Database>, purpose: LinkPurpose, address: string): Promise<boolean> {
  const { granted } = await takeQuota(db, { name: purpose, value: address, perHour: perHour[purpose] })
  return granted
}

/**
 * Replaces the user's link of that purpose, with what was not yet mailed of it, and queues the mail of the new one. Whom
 * somebody is deleting is waited for, and then not there.
 */
export async function queueLink(db: Kysely<Database>, { purpose, target, sessionId, details }: NewLink): Promise<void> {
  await sql`
    with target as (${target}),
    replaced as (
      delete from mail_links link using target
      where link.user_id = target.user_id and link.purpose = ${purpose}
        and link.session_id is not distinct from ${sessionId ?? null}::text
    ),
    link as (
      insert into mail_links (user_id, purpose, address, entered, replaces, epoch, session_id, expires_at)
      select users.id, ${purpose}, target.address, target.entered, target.replaces, users.epoch, ${sessionId ?? null},
        now() + make_interval(secs => ${lifetimeSeconds[purpose]})
      from target join users on users.id = target.user_id
      for key share of users
      returning id, user_id, entered
    )
    insert into mails (user_id, link_id, kind, recipient, details)
    select user_id, id, ${purpose}, entered, ${details === undefined ? null : JSON.stringify(details)}::jsonb
    from link`.execute(db)
}

/** Tells the user, at the address they have now, of what was done to their account. */
export async function queueNotice(
  db: Kysely<Database>,
  userId: string,
  kind: Exclude<MailKind, LinkPurpose>
): Promise<void> {
  await sql`
    insert into mails (user_id, kind, recipient)
    select user_id, ${kind}, entered from user_identifiers where user_id = ${userId} and kind = 'email'`.execute(db)
}

/** What the user was mailed about the address they have, or wanted to have, no longer counts. */
export async function removeAddressLinks(db: Kysely<Database>, userId: string): Promise<void> {
  await db
    .deleteFrom('mailLinks')
    .where('userId', '=', userId)
    .where('purpose', 'in', ['email_verification', 'email_change', 'password_reset'])
    .execute()
}
