import { fail, type Result } from '@latchkey/contracts/errors'
import { appendEvent } from '@latchkey/outbox/postgres'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { BlockChange, Blocked, DescribeChange } from '../domain/admin-ports.ts'
import type { User } from '../domain/ports.ts'
import type { Database } from './database.ts'
import { isBlockCurrent, isLastAdmin } from './last-admin.ts'
import { putPendingProfile } from './pending.ts'
import { selectUsers, toUser } from './select-users.ts'
import { transact } from './transaction.ts'

export function blockUser(
  db: Kysely<Database>,
  { userId, until, note, adminId }: BlockChange,
  describe: DescribeChange
): Promise<Result<Blocked, 'user_not_found' | 'last_admin'>> {
  return transact(db, async (trx, refuse) => {
    if (await isLastAdmin(trx, userId)) return refuse(fail('last_admin'))
    if (!(await lockUser(trx, userId))) return refuse(fail('user_not_found'))
    const block = { blockedUntil: until, blockedBy: adminId, note, blockedAt: sql<Date>`now()` }
    const { blockedAt: at } = await trx
      .insertInto('userBlocks')
      .values({ userId, ...block })
      .onConflict((conflict) => conflict.column('userId').doUpdateSet(block))
      .returning('blockedAt')
      .executeTakeFirstOrThrow()
    const user = await recordChange(trx, userId, describe)
    return { user, block: { at, until: until ?? undefined, by: adminId ?? undefined, note: note ?? undefined } }
  })
}

export function unblockUser(
  db: Kysely<Database>,
  userId: string,
  describe: DescribeChange
): Promise<Result<User, 'user_not_found'>> {
  return transact(db, async (trx, refuse) => {
    if (!(await lockUser(trx, userId))) return refuse(fail('user_not_found'))
    const lifted = await trx
      .deleteFrom('userBlocks')
      .where('userId', '=', userId)
      .where(isBlockCurrent)
      .returning('userId')
      .executeTakeFirst()
    if (lifted !== undefined) return await recordChange(trx, userId, describe)
    return toUser(await selectUsers(trx).where('users.id', '=', userId).executeTakeFirstOrThrow())
  })
}

/** Whatever admins decide about one user is decided one after the other. */
async function lockUser(trx: Transaction<Database>, userId: string): Promise<boolean> {
  const user = await trx.selectFrom('users').select('id').where('id', '=', userId).forNoKeyUpdate().executeTakeFirst()
  return user !== undefined
}

/** The block travels with the profile, and is told from older and newer ones by its version. */
async function recordChange(trx: Transaction<Database>, userId: string, describe: DescribeChange): Promise<User> {
  await trx
    .updateTable('users')
    .set(({ eb }) => ({ profileVersion: eb('profileVersion', '+', 1), updatedAt: sql`now()` }))
    .where('id', '=', userId)
    .execute()
  const user = toUser(await selectUsers(trx).where('users.id', '=', userId).executeTakeFirstOrThrow())
  await appendEvent(trx, describe(user.profileVersion))
  await putPendingProfile(trx, { userId, version: user.profileVersion })
  return user
}
