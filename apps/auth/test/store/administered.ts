import type { TestScope } from '@latchkey/testing/stores'
import type { UserSearch } from '../../src/domain/admin-ports.ts'
import { createEvent, createNewUser, email, openTestStores } from './stores.ts'

type Stores = Awaited<ReturnType<typeof openTestStores>>

export interface Administered extends Stores {
  /** Makes a user, and an admin of them where that is wanted; resolves to the id. */
  add(name: string, role?: 'user' | 'admin'): Promise<string>
  setRole(userId: string, role: 'user' | 'admin'): ReturnType<Stores['admins']['setRole']>
  block(userId: string, until?: Date | null): ReturnType<Stores['admins']['block']>
  unblock(userId: string): ReturnType<Stores['admins']['unblock']>
  /** Names before the @ of the e-mail addresses found, in the order given. */
  search(search: Partial<UserSearch>): Promise<string[]>
  listAdmins(): Promise<string[]>
}

export const adminId = '019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b99'

export async function openAdministered(t: TestScope): Promise<Administered> {
  const stores = await openTestStores(t)
  const { db, users, admins } = stores
  const setRole: Administered['setRole'] = (userId, role) =>
    admins.setRole({ userId, role, adminId }, () => createEvent(userId))
  return {
    ...stores,
    setRole,
    add: async (name, role = 'user') => {
      const user = createNewUser(email(name))
      await users.insert(user, createEvent(user.id))
      if (role === 'admin') await setRole(user.id, role)
      return user.id
    },
    block: (userId, until = null) => admins.block({ userId, until, note: 'spam', adminId }, () => createEvent(userId)),
    unblock: (userId) => admins.unblock(userId, () => createEvent(userId)),
    search: async (search) => {
      const everybody = { query: undefined, state: undefined, role: undefined, limit: 100, beforeNumber: undefined }
      const found = await admins.search({ ...everybody, ...search })
      return found.map(({ profile }) => profile.email?.split('@')[0] ?? '')
    },
    listAdmins: async () => {
      const rows = await db.selectFrom('users').select('id').where('role', '=', 'admin').execute()
      return rows.map(({ id }) => id)
    }
  }
}
