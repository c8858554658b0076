import type { Transaction } from 'kysely'
import type { Database } from './database.ts'

/**
 * Whether, without this user, nobody would be left who is an admin. To be asked first in a transaction that takes an
 * admin away: it locks all admins in one order until the end, so that of two who would take away the last two, the second
 * one waits and then sees what the first has done.
 */
export async function isLastAdmin(trx: Transaction<Database>, userId: string): Promise<boolean> {
  const admins = await trx
    .selectFrom('users')
    .select('id')
    .where('role', '=', 'admin')
    .orderBy('id')
    .forNoKeyUpdate()
    .execute()
  return admins.length === 1 && admins[0]?.id === userId
}
