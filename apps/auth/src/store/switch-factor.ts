import type { PlatformEvent } from '@latchkey/contracts/events'
import { appendEvent } from '@latchkey/outbox/postgres'
import { type Kysely, sql } from 'kysely'
import type { EnabledFactor, FactorRemoval } from '../domain/factor-ports.ts'
import type { PendingEnding } from '../domain/ports.ts'
import type { Database } from './database.ts'
import { findPendingEnding, putPendingEnding } from './pending.ts'
import { nextEpoch } from './replace-password.ts'

export function enableFactor(
  db: Kysely<Database>,
  { userId, secret, codeHashes }: EnabledFactor & { readonly userId: string },
  event: PlatformEvent
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('totpFactors')
      .set({ confirmedAt: sql`now()` })
      .where('userId', '=', userId)
      .where('secret', '=', secret)
      .where('confirmedAt', 'is', null)
      .executeTakeFirst()
    if (numUpdatedRows === 0n) return false
    await trx.deleteFrom('recoveryCodes').where('userId', '=', userId).execute()
    await trx
      .insertInto('recoveryCodes')
      .values(codeHashes.map((hash) => ({ userId, hash })))
      .execute()
    await appendEvent(trx, event)
    return true
  })
}

export function removeFactor(
  db: Kysely<Database>,
  { userId, exceptSessionId, reason, adminId }: FactorRemoval,
  describe: (epoch: number) => PlatformEvent
): Promise<PendingEnding | undefined> {
  return db.transaction().execute(async (trx) => {
    const removed = await trx
      .deleteFrom('totpFactors')
      .where('userId', '=', userId)
      .returning('confirmedAt')
      .executeTakeFirst()
    // Whoever removed it before may have crashed before all sessions had ended.
    if (removed === undefined || removed.confirmedAt === null) return await findPendingEnding(trx, { userId, reason })
    await trx.deleteFrom('recoveryCodes').where('userId', '=', userId).execute()
    await trx.deleteFrom('factorAttempts').where('userId', '=', userId).execute()
    const epoch = await nextEpoch(trx, userId)
    if (epoch === undefined) return undefined
    await appendEvent(trx, describe(epoch))
    return await putPendingEnding(trx, { userId, exceptSessionId, reason, epoch, adminId })
  })
}
