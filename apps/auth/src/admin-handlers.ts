import type { adminContract } from '@latchkey/contracts/admin'
import type { Handlers } from '@latchkey/contracts/define'
import type { AdminDeps } from './domain/admin-ports.ts'
import { blockUser } from './domain/block-user.ts'
import { getAdministeredUser } from './domain/get-administered-user.ts'
import { listUsers } from './domain/list-users.ts'
import { setRole } from './domain/set-role.ts'
import { unblockUser } from './domain/unblock-user.ts'
import { withStore } from './with-store.ts'

export function createAdminHandlers(deps: AdminDeps): Handlers<typeof adminContract> {
  return {
    listUsers: withStore((request) => listUsers(deps, request)),
    getUser: withStore((request) => getAdministeredUser(deps, request)),
    setRole: withStore((request, context) => setRole(deps, request, context)),
    block: withStore((request, context) => blockUser(deps, request, context)),
    unblock: withStore((request, context) => unblockUser(deps, request, context))
  }
}
