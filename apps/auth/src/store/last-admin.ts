import { sql, type Transaction } from 'kysely'
import type { Database } from './database.ts'

/** In a query that has joined `userBlocks`, or selects from it: whether a block holds now. */
export const isBlockCurrent = sql<boolean>`(user_blocks.blocked_until is null or user_blocks.blocked_until > now())`

/**
 * Whether, without this user, nobody would be left who is an admin and not blocked. To be asked first in a transaction
 * that takes an admin away: it locks all admins in one order until the end, so that of two who would take away the last
 * two, the second one waits and then sees what the first has done.
 */
export async function isLastAdmin(trx: Transaction<Database>, userId: string): Promise<boolean> {
  const admins = await trx
    .selectFrom('users')
    .select('id')
    .where('role', '=', 'admin')
    .orderBy('id')
    .forNoKeyUpdate()
    .execute()
  if (!admins.some(({ id }) => id === userId)) return false
  // A statement of its own: what a transaction that was waited for has written is seen by later ones only.
  const blocked = await trx
    .selectFrom('userBlocks')
    .select('userId')
    .where(
      'userId',
      'in',
      admins.map(({ id }) => id)
    )
    .where(isBlockCurrent)
    .execute()
  const active = admins.filter(({ id }) => !blocked.some((block) => block.userId === id))
  return active.length === 1 && active[0]?.id === userId
}
