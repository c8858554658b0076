import type { Kysely, Transaction } from 'kysely'
import type { PendingEnding, PendingStore, User } from '../domain/ports.ts'
import { claimable, leaseEnd } from './claim.ts'
import type { Database } from './database.ts'
import type { StoreOptions } from './options.ts'
import { selectUsers, toUser } from './select-users.ts'

const ENDING = ['id', 'userId', 'exceptSessionId', 'reason', 'epoch', 'adminId'] as const

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
    .returning(ENDING)
    .executeTakeFirstOrThrow()
}

/** What a former change of the user has left to end, for that reason; the latest. */
export async function findPendingEnding(
  trx: Transaction<Database>,
  { userId, reason }: Pick<PendingEnding, 'userId' | 'reason'>
): Promise<PendingEnding | undefined> {
  return await trx
    .selectFrom('sessionEndings')
    .select(ENDING)
    .where('userId', '=', userId)
    .where('reason', '=', reason)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
}

export function createPendingStore({ db, attempt }: StoreOptions): PendingStore {
  return {
    claimEndings: (limit) =>
      attempt(async () => {
        const endings = await db
          .updateTable('sessionEndings')
          .set({ dueAt: leaseEnd })
          .where('id', 'in', (eb) => eb.selectFrom('sessionEndings').select('id').orderBy('id').$call(claimable(limit)))
          .returning(ENDING)
          .execute()
        return endings.toSorted((a, b) => Number(a.id) - Number(b.id))
      }),
    listEndings: (userId) =>
      attempt(() =>
        db.selectFrom('sessionEndings').select(ENDING).where('userId', '=', userId).orderBy('id').execute()
      ),
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
      eb.selectFrom('profileCopies').select('userId').orderBy('dueAt').$call(claimable(limit))
    )
    .returning('userId')
    .execute()
  if (claimed.length === 0) return []
  const ids = claimed.map(({ userId }) => userId)
  return (await selectUsers(db).where('users.id', 'in', ids).execute()).map(toUser)
}
