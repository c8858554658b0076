import type { Kysely } from 'kysely'
import type { UserStore } from '../domain/ports.ts'
import type { Attempt } from './attempt.ts'
import type { Database } from './database.ts'
import { insertUser } from './insert-user.ts'
import { replacePassword, upgradeVerifier } from './replace-password.ts'
import { findById, findByIdentifier } from './select-users.ts'
import { updateProfile } from './update-profile.ts'

export interface UserStoreOptions {
  readonly db: Kysely<Database>
  readonly attempt: Attempt
  /** Called when a transaction that may have written an event is over. */
  readonly onEvent: () => void
  /** Called when one that may have queued a mail is. */
  readonly onMail: () => void
}

export function createUserStore({ db, attempt, onEvent, onMail }: UserStoreOptions): UserStore {
  const write = async <T>(run: () => Promise<T>): Promise<T> => {
    const value = await attempt(run)
    onEvent()
    onMail()
    return value
  }
  return {
    findByIdentifier: (candidates) => attempt(() => findByIdentifier(db, candidates)),
    findById: (userId) => attempt(() => findById(db, userId)),
    insert: (user, event) => write(() => insertUser(db, user, event)),
    replacePassword: (change, describe) => write(() => replacePassword(db, change, describe)),
    upgradeVerifier: (upgrade) => attempt(() => upgradeVerifier(db, upgrade)),
    updateProfile: (change, describe) => write(() => updateProfile(db, change, describe))
  }
}
