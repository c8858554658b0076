import { fail } from '@latchkey/contracts/errors'
import type { PlatformEvent } from '@latchkey/contracts/events'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { PendingEnding } from '../domain/ports.ts'
import type { ResetByLink } from '../domain/recovery-ports.ts'
import type { Database } from './database.ts'
import { nextEpoch, settleReplacement } from './replace-password.ts'
import { transact } from './transaction.ts'

/** A first password too, for somebody who had none: it is the address that proves who they are. */
export async function resetPassword(
  db: Kysely<Database>,
  { userId, hash, to }: ResetByLink,
  describe: (epoch: number) => PlatformEvent
): Promise<PendingEnding | undefined> {
  const reset = await transact(db, async (trx, refuse) => {
    const epoch = await nextEpoch(trx, userId)
    if (epoch === undefined || !(await useLink(trx, { userId, hash, epoch: epoch - 1 }))) {
      return refuse(fail('link_invalid'))
    }
    await trx
      .insertInto('passwords')
      .values({ userId, verifier: to })
      .onConflict((conflict) => conflict.column('userId').doUpdateSet({ verifier: to, changedAt: sql`now()` }))
      .execute()
    return await settleReplacement(trx, { userId, epoch, exceptSessionId: null }, describe)
  })
  return reset.ok ? reset.value : undefined
}

/** Whose password the link would reset, if it is valid now. */
export async function findReset(db: Kysely<Database>, hash: string): Promise<string | undefined> {
  const { rows } = await sql<{ userId: string }>`
    select link.user_id from mail_link_tokens token
    join mail_links link on link.id = token.link_id
    join users on users.id = link.user_id and users.epoch = link.epoch
    join user_identifiers own on own.user_id = link.user_id and own.kind = 'email' and own.canonical = link.address
    where token.hash = ${hash} and link.purpose = 'password_reset' and link.expires_at > now()`.execute(db)
  return rows[0]?.userId
}

interface Link {
  readonly userId: string
  readonly hash: string
  readonly epoch: number
}

async function useLink(trx: Transaction<Database>, { userId, hash, epoch }: Link): Promise<boolean> {
  const { numAffectedRows } = await sql`
    delete from mail_links link using mail_link_tokens token, user_identifiers own
    where token.hash = ${hash} and link.id = token.link_id and link.user_id = ${userId}
      and link.purpose = 'password_reset' and link.expires_at > now() and link.epoch = ${epoch}
      and own.user_id = link.user_id and own.kind = 'email' and own.canonical = link.address`.execute(trx)
  return numAffectedRows === 1n
}
