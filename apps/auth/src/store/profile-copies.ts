import type { Transaction } from 'kysely'
import type { Database } from './database.ts'
import { leaseEnd } from './pending.ts'

/** Leaves the session service's copy of the profile to be brought up to that version. */
export async function queueProfileCopy(
  trx: Transaction<Database>,
  { userId, version }: { readonly userId: string; readonly version: number }
): Promise<void> {
  await trx
    .insertInto('profileCopies')
    .values({ userId, version, dueAt: leaseEnd })
    .onConflict((conflict) => conflict.column('userId').doUpdateSet({ version, dueAt: leaseEnd }))
    .execute()
}
