import type { UserState } from '@latchkey/contracts/admin'
import type { Result } from '@latchkey/contracts/errors'
import type { PlatformEvent } from '@latchkey/contracts/events'
import type { Role } from '@latchkey/contracts/ids'
import type { Deps, PendingEnding, User, UserBlock } from './ports.ts'

export interface UserSearch {
  /** As typed; `undefined` for everybody. */
  readonly query: string | undefined
  readonly state: UserState | undefined
  readonly role: Role | undefined
  readonly limit: number
  /** Only users older than the one with this number. */
  readonly beforeNumber: number | undefined
}

export interface RoleChange {
  readonly userId: string
  readonly role: Role
  /** Who changes it; `null` where that is no admin. */
  readonly adminId: string | null
}

export interface BlockChange {
  readonly userId: string
  /** `null` for a block without an end. */
  readonly until: Date | null
  readonly note: string | null
  readonly adminId: string | null
}

/** The event of a change, given the version of the profile that it makes. */
export type DescribeChange = (version: number) => PlatformEvent

/** The user as they are after, and the end of their sessions where it follows from the change. */
export interface RoleChanged {
  readonly user: User
  readonly ending: PendingEnding | undefined
}

/** A block that is short may be over before the user is read. */
export interface Blocked {
  readonly user: User
  readonly block: UserBlock
}

/**
 * Ids must be UUIDs. A change is one transaction with its event, the next version of the profile and what the session
 * service has yet to be told; one that finds everything as wanted writes nothing. Whatever would leave no admin who is not
 * blocked is refused as `last_admin`, however many such changes run at once. Throws as `UserStore` does.
 */
export interface AdminStore {
  /** Newest first. */
  search(search: UserSearch): Promise<User[]>
  setRole(change: RoleChange, describe: DescribeChange): Promise<Result<RoleChanged, 'user_not_found' | 'last_admin'>>
  block(change: BlockChange, describe: DescribeChange): Promise<Result<Blocked, 'user_not_found' | 'last_admin'>>
  unblock(userId: string, describe: DescribeChange): Promise<Result<User, 'user_not_found'>>
}

export interface AdminDeps extends Pick<Deps, 'users' | 'pending' | 'sessions' | 'now'> {
  readonly admins: AdminStore
}
