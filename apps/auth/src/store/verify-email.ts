import { fail, type Result } from '@latchkey/contracts/errors'
import type { PlatformEvent } from '@latchkey/contracts/events'
import { appendEvent } from '@latchkey/outbox/postgres'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { User } from '../domain/ports.ts'
import { claimIdentifiers } from './claim-identifiers.ts'
import type { Database } from './database.ts'
import { putPendingProfile } from './pending.ts'
import { queueNotice, removeAddressLinks } from './queue-mail.ts'
import { selectUsers, toUser } from './select-users.ts'
import { transact } from './transaction.ts'

interface UsedLink {
  readonly purpose: 'email_verification' | 'email_change'
  readonly address: string
  readonly entered: string
}

/** The user's row is locked first, as in every change of a profile: of parallel calls one finds the link. */
export function verifyEmail(
  db: Kysely<Database>,
  { userId, hash }: { readonly userId: string; readonly hash: string },
  describe: (version: number, fields: string[]) => PlatformEvent
): Promise<Result<User, 'link_invalid' | 'identifier_taken'>> {
  return transact(db, async (trx, refuse) => {
    const version = await markVerified(trx, userId)
    const link = await useLink(trx, userId, hash)
    if (version === undefined || link === undefined) return refuse(fail('link_invalid'))
    const changes = link.purpose === 'email_change'
    if (changes) {
      await queueNotice(trx, userId, 'email_changed')
      if (!(await replaceEmail(trx, userId, link))) return refuse(fail('identifier_taken', { field: 'email' }))
    }
    await appendEvent(trx, describe(version, changes ? ['email', 'emailVerified'] : ['emailVerified']))
    await putPendingProfile(trx, { userId, version })
    return toUser(await selectUsers(trx).where('users.id', '=', userId).executeTakeFirstOrThrow())
  })
}

async function markVerified(trx: Transaction<Database>, userId: string): Promise<number | undefined> {
  const user = await trx
    .updateTable('users')
    .set(({ eb }) => ({ profileVersion: eb('profileVersion', '+', 1), emailVerified: true, updatedAt: sql`now()` }))
    .where('id', '=', userId)
    .returning('profileVersion')
    .executeTakeFirst()
  return user?.profileVersion
}

/** A change is void as well once the password was changed: whoever asked for it may have been thrown out by that. */
async function useLink(trx: Transaction<Database>, userId: string, hash: string): Promise<UsedLink | undefined> {
  const { rows } = await sql<UsedLink>`
    delete from mail_links link using mail_link_tokens token, users, user_identifiers own
    where token.hash = ${hash} and link.id = token.link_id and link.user_id = ${userId} and link.expires_at > now()
      and users.id = link.user_id and own.user_id = link.user_id and own.kind = 'email'
      and (
        (link.purpose = 'email_verification' and own.canonical = link.address)
        or (link.purpose = 'email_change' and own.canonical = link.replaces and users.epoch = link.epoch)
      )
    returning link.purpose, link.address, link.entered`.execute(trx)
  return rows[0]
}

/** `false` when the address has become somebody else's. */
async function replaceEmail(
  trx: Transaction<Database>,
  userId: string,
  { address, entered }: UsedLink
): Promise<boolean> {
  await trx.deleteFrom('userIdentifiers').where('userId', '=', userId).where('kind', '=', 'email').execute()
  const taken = await claimIdentifiers(trx, userId, [{ kind: 'email', canonical: address, entered }])
  if (taken !== undefined) return false
  await removeAddressLinks(trx, userId)
  return true
}
