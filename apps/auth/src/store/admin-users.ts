import type { AdminStore } from '../domain/admin-ports.ts'
import { thenTell } from './attempt.ts'
import { blockUser, unblockUser } from './block-user.ts'
import type { EventStoreOptions } from './options.ts'
import { searchUsers } from './search-users.ts'
import { setRole } from './set-role.ts'

export function createAdminStore({ db, attempt, onEvent }: EventStoreOptions): AdminStore {
  const write = thenTell(attempt, onEvent)
  return {
    search: (search) => attempt(() => searchUsers(db, search)),
    setRole: (change, describe) => write(() => setRole(db, change, describe)),
    block: (change, describe) => write(() => blockUser(db, change, describe)),
    unblock: (userId, describe) => write(() => unblockUser(db, userId, describe))
  }
}
