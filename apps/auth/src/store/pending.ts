import { type Kysely, sql, type Transaction } from 'kysely'
import type { PendingEnding, PendingStore, User } from '../domain/ports.ts'
import type { Attempt } from './attempt.ts'
import type { Database } from './database.ts'
import { selectUsers, toUser } from './select-users.ts'

/** Until then a pending row belongs to whoever wrote or claimed it; afterwards it is taken for abandoned. */
export const leaseEnd = sql<Date>`now() + interval '4 seconds'`

/** Notes in the transaction of a change that the session service has to be told of this version. */
export async function putPendingProfile(
  trx: Transaction<Database>,
  { userId, version }: { readonly userId: string; readonly version: number }
): Promise<void> {
  await trx
    .insertInto('profileCopies')
    .values({ userId, version, dueAt: leaseEnd })
    .onConflict((conflict) => conflict.column('userId').doUpdateSet({ version, dueAt: leaseEnd }))
    .execute()
}

/** Notes in the transaction of a change that sessions have to end because of it. */
export async function putPendingEnding(
  trx: Transaction<Database>,
  ending: Omit<PendingEnding, 'id'>
): Promise<PendingEnding> {
  return await trx
    .insertInto('sessionEndings')
    .values({ ...ending, dueAt: leaseEnd })
    .returning(['id', 'userId', 'exceptSessionId', 'reason', 'epoch', 'adminId'])
    .executeTakeFirstOrThrow()
}

export function createPendingStore({ db, attempt }: { db: Kysely<Database>; attempt: Attempt }): PendingStore {
  return {
    claimEndings: (limit) =>
      attempt(async () => {
        const endings = await db
          .updateTable('sessionEndings')
          .set({ dueAt: leaseEnd })
          .where('id', 'in', (eb) =>
            eb
              .selectFrom('sessionEndings')
              .select('id')
              .where('dueAt', '<=', sql<Date>`now()`)
              .orderBy('id')
              .limit(limit)
              .forUpdate()
              .skipLocked()
          )
          .returning(['id', 'userId', 'exceptSessionId', 'reason', 'epoch', 'adminId'])
          .execute()
        return endings.toSorted((a, b) => Number(a.id) - Number(b.id))
      }),
    removeEnding: (id) =>
      attempt(async () => {
        await db.deleteFrom('sessionEndings').where('id', '=', id).execute()
      }),
    claimProfiles: (limit) => attempt(() => claimProfiles(db, limit)),
    removeProfile: (userId, version) =>
      attempt(async () => {
        await db.deleteFrom('profileCopies').where('userId', '=', userId).where('version', '<=', version).execute()
      })
  }
}

async function claimProfiles(db: Kysely<Database>, limit: number): Promise<User[]> {
  const claimed = await db
    .updateTable('profileCopies')
    .set({ dueAt: leaseEnd })
    .where('userId', 'in', (eb) =>
      eb
        .selectFrom('profileCopies')
        .select('userId')
        .where('dueAt', '<=', sql<Date>`now()`)
        .orderBy('dueAt')
        .limit(limit)
        .forUpdate()
        .skipLocked()
    )
    .returning('userId')
    .execute()
  if (claimed.length === 0) return []
  const ids = claimed.map(({ userId }) => userId)
  return (await selectUsers(db).where('users.id', 'in', ids).execute()).map(toUser)
}
