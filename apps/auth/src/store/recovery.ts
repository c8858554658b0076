import { fail } from '@latchkey/contracts/errors'
import { appendEvent } from '@latchkey/outbox/postgres'
import { type Kysely, sql } from 'kysely'
import type { NewDevice, RecoveryStore, ResetRequest } from '../domain/recovery-ports.ts'
import { thenTell } from './attempt.ts'
import type { Database } from './database.ts'
import { takeQuota } from './mail-quotas.ts'
import type { MailingStoreOptions } from './options.ts'
import { mayMail, ownAddress, queueLink, type Target } from './queue-mail.ts'
import { findReset, resetPassword } from './reset-password.ts'
import { transact } from './transaction.ts'
import { verifyEmail } from './verify-email.ts'

const RESETS_PER_SOURCE_AND_HOUR = 30

export function createRecoveryStore({ db, attempt, onEvent, onMail }: MailingStoreOptions): RecoveryStore {
  const write = thenTell(attempt, onEvent, onMail)
  return {
    requestVerification: (request) => write(() => requestVerification(db, request)),
    requestReset: (request) => write(() => requestReset(db, request)),
    requestResetFor: ({ userId, address }, event) =>
      write(() =>
        db.transaction().execute(async (trx) => {
          await mayMail(trx, 'password_reset', address)
          await queueLink(trx, { purpose: 'password_reset', target: ownAddress(userId) })
          await appendEvent(trx, event)
        })
      ),
    findReset: (hash) => attempt(() => findReset(db, hash)),
    resetPassword: (reset, describe) => write(() => resetPassword(db, reset, describe)),
    findVerification: (hash) => attempt(() => findVerification(db, hash)),
    verifyEmail: (link, describe) => write(() => verifyEmail(db, link, describe)),
    askAboutSession: (device) => write(() => askAboutSession(db, device)),
    findReport: (hash) => attempt(() => findReport(db, hash)),
    removeReport: (hash) => attempt(() => removeReport(db, hash))
  }
}

/** A change that is under way comes first: it is sent again to where it went. */
async function requestVerification(
  db: Kysely<Database>,
  { userId, address }: { readonly userId: string; readonly address: string }
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx.selectFrom('users').select('id').where('id', '=', userId).forNoKeyUpdate().execute()
    const change = await trx
      .selectFrom('mailLinks')
      .select(['address', 'entered'])
      .where('userId', '=', userId)
      .where('purpose', '=', 'email_change')
      .where('replaces', '=', address)
      .where('expiresAt', '>', sql<Date>`now()`)
      .executeTakeFirst()
    const purpose = change === undefined ? 'email_verification' : 'email_change'
    if (!(await mayMail(trx, purpose, change?.address ?? address))) return
    const own = sql<Target>`select own.user_id, own.canonical as address, own.entered, null as replaces
      from user_identifiers own join users on users.id = own.user_id
      where own.user_id = ${userId} and own.kind = 'email' and not users.email_verified`
    const again = sql<Target>`select user_id, address, entered, replaces from mail_links
      where user_id = ${userId} and purpose = 'email_change' and replaces = ${address}`
    await queueLink(trx, { purpose, target: change === undefined ? own : again })
  })
}

/** Statements in one number and order, whoever has the address: the answer's time tells nothing. */
function requestReset(db: Kysely<Database>, { address, source }: ResetRequest) {
  return transact<void, 'too_many_attempts'>(db, async (trx, refuse) => {
    const quota = { name: 'reset_source', value: source, perHour: RESETS_PER_SOURCE_AND_HOUR }
    const { granted, retryAfterSeconds } = await takeQuota(trx, quota)
    if (!granted) refuse(fail('too_many_attempts', { retryAfterSeconds }))
    const mayReset = await mayMail(trx, 'password_reset', address)
    const target = sql<Target>`select user_id, canonical as address, entered, null as replaces from user_identifiers
      where kind = 'email' and canonical = ${address} and ${mayReset}::boolean`
    await queueLink(trx, { purpose: 'password_reset', target })
  })
}

async function findVerification(db: Kysely<Database>, hash: string): Promise<string | undefined> {
  const link = await selectLinks(db, hash)
    .where('link.purpose', 'in', ['email_verification', 'email_change'])
    .executeTakeFirst()
  return link?.userId
}

async function askAboutSession(
  db: Kysely<Database>,
  { userId, address, sessionId, details }: NewDevice
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    if (!(await mayMail(trx, 'new_device', address))) return
    const target = sql<Target>`select user_id, canonical as address, entered, null as replaces from user_identifiers own
      where user_id = ${userId} and kind = 'email' and not exists (
        select from mail_links link where link.user_id = own.user_id and link.session_id = ${sessionId}
      )`
    await queueLink(trx, { purpose: 'new_device', target, sessionId, details })
  })
}

async function findReport(db: Kysely<Database>, hash: string) {
  const link = await selectLinks(db, hash).where('link.purpose', '=', 'new_device').executeTakeFirst()
  const { userId, sessionId = null } = link ?? {}
  return userId === undefined || sessionId === null ? undefined : { userId, sessionId }
}

async function removeReport(db: Kysely<Database>, hash: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('mailLinks')
    .where('id', 'in', (eb) => eb.selectFrom('mailLinkTokens').select('linkId').where('hash', '=', hash))
    .executeTakeFirst()
  return numDeletedRows === 1n
}

function selectLinks(db: Kysely<Database>, hash: string) {
  return db
    .selectFrom('mailLinkTokens as token')
    .innerJoin('mailLinks as link', 'link.id', 'token.linkId')
    .select(['link.userId', 'link.sessionId'])
    .where('token.hash', '=', hash)
    .where('link.expiresAt', '>', sql<Date>`now()`)
}
