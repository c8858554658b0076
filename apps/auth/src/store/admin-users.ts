import type { Kysely } from 'kysely'
import type { AdminStore } from '../domain/admin-ports.ts'
import { blockUser, unblockUser } from './block-user.ts'
import type { Database } from './database.ts'
import { searchUsers } from './search-users.ts'
import { setRole } from './set-role.ts'
import type { UserStoreOptions } from './users.ts'

export function createAdminStore({ db, attempt, onEvent }: UserStoreOptions): AdminStore {
  const write = async <T>(run: (db: Kysely<Database>) => Promise<T>): Promise<T> => {
    const value = await attempt(() => run(db))
    onEvent()
    return value
  }
  return {
    search: (search) => attempt(() => searchUsers(db, search)),
    setRole: (change, describe) => write((db) => setRole(db, change, describe)),
    block: (change, describe) => write((db) => blockUser(db, change, describe)),
    unblock: (userId, describe) => write((db) => unblockUser(db, userId, describe))
  }
}
