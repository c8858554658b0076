import { createHash } from 'node:crypto'
import { fail, type Result } from '@latchkey/contracts/errors'
import type { PlatformEvent } from '@latchkey/contracts/events'
import { appendEvent } from '@latchkey/outbox/postgres'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Deletion, ErasureStore } from '../domain/account-ports.ts'
import { thenTell } from './attempt.ts'
import { claimable, leaseEnd } from './claim.ts'
import type { Database } from './database.ts'
import { isLastAdmin } from './last-admin.ts'
import type { EventStoreOptions } from './options.ts'
import { transact } from './transaction.ts'

/** Longer than anything about a deleted user can be on its way, so that nobody gets the id before. */
const FORGET_AFTER = sql<Date>`now() - interval '9 days'`

export function createErasureStore({ db, attempt, onEvent }: EventStoreOptions): ErasureStore {
  const write = thenTell(attempt, onEvent)
  return {
    deleteUser: (deletion, event) => write(() => deleteUser(db, deletion, event)),
    claimOne: (userId) => attempt(() => claimOne(db, userId)),
    claim: (limit) => attempt(() => claim(db, limit)),
    settle: (userId) =>
      attempt(async () => {
        await db.updateTable('erasures').set({ userId: null }).where('userId', '=', userId).execute()
      })
  }
}

/** What stays of a user id. */
export function hashId(userId: string): Buffer {
  return createHash('sha256').update(userId).digest()
}

function deleteUser(
  db: Kysely<Database>,
  { userId, epoch }: Deletion,
  event: PlatformEvent
): Promise<Result<boolean, 'user_not_found' | 'last_admin'>> {
  return transact(db, async (trx, refuse) => {
    if (await isLastAdmin(trx, userId)) return refuse(fail('last_admin'))
    const user = await trx.selectFrom('users').select('epoch').where('id', '=', userId).forUpdate().executeTakeFirst()
    if (user === undefined) return refuse(fail('user_not_found'))
    if (epoch !== undefined && user.epoch !== epoch) return false
    await trx.deleteFrom('users').where('id', '=', userId).execute()
    await deleteEvents(trx, userId)
    await trx
      .insertInto('erasures')
      .values({ idHash: hashId(userId), userId, dueAt: leaseEnd })
      .execute()
    await appendEvent(trx, event)
    return true
  })
}

/** Whoever wrote one held the user's row, so that all of them are here. */
async function deleteEvents(trx: Transaction<Database>, userId: string): Promise<void> {
  await sql`delete from outbox where event ->> 'userId' = ${userId}`.execute(trx)
}

async function claimOne(db: Kysely<Database>, userId: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('erasures')
    .set({ dueAt: leaseEnd })
    .where('userId', '=', userId)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

async function claim(db: Kysely<Database>, limit: number): Promise<string[]> {
  await db.deleteFrom('erasures').where('userId', 'is', null).where('erasedAt', '<', FORGET_AFTER).execute()
  const claimed = await db
    .updateTable('erasures')
    .set({ dueAt: leaseEnd })
    .where('idHash', 'in', (eb) =>
      eb
        .selectFrom('erasures')
        .select('idHash')
        .where('userId', 'is not', null)
        .orderBy('dueAt')
        .$call(claimable(limit))
    )
    .returning('userId')
    .execute()
  return claimed.flatMap(({ userId }) => (userId === null ? [] : [userId]))
}
