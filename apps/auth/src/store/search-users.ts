import { type Kysely, sql } from 'kysely'
import type { UserSearch } from '../domain/admin-ports.ts'
import type { User } from '../domain/ports.ts'
import type { Database } from './database.ts'
import { isBlockCurrent } from './last-admin.ts'
import { selectUsers, toUser } from './select-users.ts'

/** A trigram index needs three characters in a row; fewer are looked for at the beginning of a line only. */
const MIN_INFIX_LENGTH = 3

export async function searchUsers(db: Kysely<Database>, search: UserSearch): Promise<User[]> {
  const rows = await selectUsers(db)
    .where('users.number', 'in', selectNumbers(db, search))
    .orderBy('users.number', 'desc')
    .execute()
  return rows.map(toUser)
}

/**
 * The numbers of one page. What many users match is found by walking from the newest, what few match by the index of
 * trigrams; the planner knows which. The time limit of statements bounds what neither serves well.
 */
export function selectNumbers(db: Kysely<Database>, { query, state, role, limit, beforeNumber }: UserSearch) {
  return db
    .selectFrom('users')
    .select('users.number')
    .$if(query !== undefined, (page) =>
      page
        .innerJoin('userSearch', 'userSearch.number', 'users.number')
        .where('userSearch.text', 'like', sql<string>`lower(${toPattern(query ?? '')})`)
    )
    .$if(role !== undefined, (page) => page.where('users.role', '=', role ?? 'user'))
    .$if(beforeNumber !== undefined, (page) => page.where('users.number', '<', beforeNumber ?? 0))
    .$if(state === 'blocked' || state === 'active', (page) =>
      page.where(({ exists, not, selectFrom }) => {
        const block = selectFrom('userBlocks').whereRef('userBlocks.userId', '=', 'users.id').where(isBlockCurrent)
        return state === 'blocked' ? exists(block) : not(exists(block))
      })
    )
    .$if(state === 'unverified', (page) =>
      page
        .where('users.emailVerified', '=', false)
        .where(({ exists, selectFrom }) =>
          exists(
            selectFrom('userIdentifiers')
              .whereRef('userIdentifiers.userId', '=', 'users.id')
              .where('userIdentifiers.kind', '=', 'email')
          )
        )
    )
    .orderBy('users.number', 'desc')
    .limit(limit)
}

function toPattern(query: string): string {
  const literal = query.replaceAll(/[\\%_]/g, '\\$&')
  return Array.from(query).length < MIN_INFIX_LENGTH ? `%\n${literal}%` : `%${literal}%`
}
