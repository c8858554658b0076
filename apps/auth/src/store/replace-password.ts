import { fail } from '@latchkey/contracts/errors'
import type { PlatformEvent } from '@latchkey/contracts/events'
import { appendEvent } from '@latchkey/outbox/postgres'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { PasswordChange, PendingEnding } from '../domain/ports.ts'
import type { Database } from './database.ts'
import { putPendingEnding } from './pending.ts'
import { queueNotice } from './queue-mail.ts'
import { transact } from './transaction.ts'

export async function replacePassword(
  db: Kysely<Database>,
  { userId, from, to, exceptSessionId }: PasswordChange,
  describe: (epoch: number) => PlatformEvent
): Promise<PendingEnding | undefined> {
  const replaced = await transact(db, async (trx, refuse) => {
    const epoch = await nextEpoch(trx, userId)
    const { numUpdatedRows } = await trx
      .updateTable('passwords')
      .set({ verifier: to, changedAt: sql`now()` })
      .where('userId', '=', userId)
      .where('verifier', '=', from)
      .executeTakeFirst()
    if (epoch === undefined || numUpdatedRows === 0n) return refuse(fail('wrong_password'))
    return await settleReplacement(trx, { userId, epoch, exceptSessionId }, describe)
  })
  return replaced.ok ? replaced.value : undefined
}

/** What goes with every new password: the event, the pending end of sessions, and the mail that tells the user. */
export async function settleReplacement(
  trx: Transaction<Database>,
  { userId, epoch, exceptSessionId }: Pick<PendingEnding, 'userId' | 'epoch' | 'exceptSessionId'>,
  describe: (epoch: number) => PlatformEvent
): Promise<PendingEnding> {
  await appendEvent(trx, describe(epoch))
  await queueNotice(trx, userId, 'password_changed')
  return await putPendingEnding(trx, { userId, exceptSessionId, reason: 'password_changed', epoch, adminId: null })
}

/** Locks the user's row, so that changes of one user's credentials come one after the other. */
export async function nextEpoch(trx: Transaction<Database>, userId: string): Promise<number | undefined> {
  const user = await trx
    .updateTable('users')
    .set(({ eb }) => ({ epoch: eb('epoch', '+', 1), updatedAt: sql`now()` }))
    .where('id', '=', userId)
    .returning('epoch')
    .executeTakeFirst()
  return user?.epoch
}

export async function upgradeVerifier(
  db: Kysely<Database>,
  { userId, from, to }: { userId: string; from: string; to: string }
): Promise<void> {
  await db
    .updateTable('passwords')
    .set({ verifier: to })
    .where('userId', '=', userId)
    .where('verifier', '=', from)
    .execute()
}
