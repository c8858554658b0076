import type { AccountData, LineFault, PortableUser } from '@latchkey/contracts/accounts'
import type { activityContract } from '@latchkey/contracts/activity'
import type { Client } from '@latchkey/contracts/define'
import type { Result } from '@latchkey/contracts/errors'
import type { PlatformEvent } from '@latchkey/contracts/events'
import type { sessionContract } from '@latchkey/contracts/session'
import type { OwnedIdentifier } from './identifiers.ts'
import type { Deps } from './ports.ts'

export interface Deletion {
  readonly userId: string
  /** The epoch of the credentials that were proved; `undefined` where none had to be. */
  readonly epoch: number | undefined
}

/** The end of users. Throws `StoreUnavailable` when the store does not answer. */
export interface ErasureStore {
  /**
   * In one transaction: every row of the user, events about them that wait to be sent included; the audit event; and the
   * pending erasure elsewhere, which is the caller's for a moment. `false`, and nothing done, when the credentials have
   * changed since they were proved.
   */
  deleteUser(deletion: Deletion, event: PlatformEvent): Promise<Result<boolean, 'user_not_found' | 'last_admin'>>
  /** Whether the erasure of that user is pending; then it is the caller's for a moment. */
  claimOne(userId: string): Promise<boolean>
  /** Ids of users whose erasure is pending and nobody's. */
  claim(limit: number): Promise<string[]>
  /** The user is forgotten everywhere: their id is forgotten here. */
  settle(userId: string): Promise<void>
}

export interface ImportedUser {
  /** Line of the file. */
  readonly line: number
  readonly id: string
  readonly isIdGiven: boolean
  readonly identifiers: readonly OwnedIdentifier[]
  readonly emailVerified: boolean
  readonly firstName: string | null
  readonly lastName: string | null
  readonly role: 'user' | 'admin'
  /** ISO 8601. */
  readonly createdAt: string
  readonly verifier: string | undefined
}

/** Many users at once, and all that is held about one. Throws as `UserStore` does. */
export interface AccountStore {
  findData(userId: string): Promise<AccountData | undefined>
  /**
   * Adds those who can be added, in one transaction, with an event each, and answers why the others could not. Of two
   * who want the same identifier the earlier one gets it.
   */
  insertMany(users: readonly ImportedUser[], describe: (userId: string) => PlatformEvent): Promise<LineFault[]>
  /** In the order of their serial numbers, from the one after `after`, with the number of the last. */
  listAfter(
    after: number,
    limit: number
  ): Promise<{ readonly users: PortableUser[]; readonly last: number | undefined }>
}

export interface AccountDeps
  extends Pick<Deps, 'users' | 'passwords' | 'attempts' | 'localBudgets' | 'reporter' | 'now' | 'newId'> {
  readonly erasures: ErasureStore
  readonly accounts: AccountStore
  readonly sessions: Pick<Client<typeof sessionContract>, 'erase'>
  readonly activity: Pick<Client<typeof activityContract>, 'erase'>
  /** A UUID from which nothing follows. */
  readonly newPseudonym: () => string
  /** Why a verifier made elsewhere cannot be taken: of no known form, or too costly ever to be checked. */
  readonly findVerifierFault: (verifier: string) => 'unsupported' | 'too_costly' | undefined
}
