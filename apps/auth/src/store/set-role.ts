import { fail, type Result } from '@latchkey/contracts/errors'
import { appendEvent } from '@latchkey/outbox/postgres'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { DescribeChange, RoleChange, RoleChanged } from '../domain/admin-ports.ts'
import type { Database } from './database.ts'
import { isLastAdmin } from './last-admin.ts'
import { findPendingEnding, putPendingEnding, putPendingProfile } from './pending.ts'
import { selectUsers, toUser } from './select-users.ts'
import { transact } from './transaction.ts'

export function setRole(
  db: Kysely<Database>,
  { userId, role, adminId }: RoleChange,
  describe: DescribeChange
): Promise<Result<RoleChanged, 'user_not_found' | 'last_admin'>> {
  return transact(db, async (trx, refuse) => {
    if (role !== 'admin' && (await isLastAdmin(trx, userId))) return refuse(fail('last_admin'))
    const changed = await updateRole(trx, { userId, role })
    const row = await selectUsers(trx).where('users.id', '=', userId).executeTakeFirst()
    if (row === undefined) return refuse(fail('user_not_found'))
    const user = toUser(row)
    const reason = 'revoked_by_admin'
    if (changed === undefined) {
      return { user, ending: role === 'admin' ? undefined : await findPendingEnding(trx, { userId, reason }) }
    }
    await appendEvent(trx, describe(user.profileVersion))
    await putPendingProfile(trx, { userId, version: user.profileVersion })
    if (role === 'admin') return { user, ending: undefined }
    const ending = { userId, exceptSessionId: null, reason, epoch: changed.epoch, adminId } as const
    return { user, ending: await putPendingEnding(trx, ending) }
  })
}

/** The epoch is the mark by which sessions from before the change are told from later ones. */
async function updateRole(
  trx: Transaction<Database>,
  { userId, role }: Pick<RoleChange, 'userId' | 'role'>
): Promise<{ readonly epoch: number } | undefined> {
  return await trx
    .updateTable('users')
    .set(({ eb }) => ({
      role,
      profileVersion: eb('profileVersion', '+', 1),
      epoch: eb('epoch', '+', role === 'admin' ? 0 : 1),
      updatedAt: sql`now()`
    }))
    .where('id', '=', userId)
    .where('role', '!=', role)
    .returning('epoch')
    .executeTakeFirst()
}
