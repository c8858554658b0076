import type { UserStore } from '../domain/ports.ts'
import { thenTell } from './attempt.ts'
import { insertUser } from './insert-user.ts'
import type { MailingStoreOptions } from './options.ts'
import { replacePassword, upgradeVerifier } from './replace-password.ts'
import { findById, findByIdentifier } from './select-users.ts'
import { updateProfile } from './update-profile.ts'

export function createUserStore({ db, attempt, onEvent, onMail }: MailingStoreOptions): UserStore {
  const write = thenTell(attempt, onEvent, onMail)
  return {
    findByIdentifier: (candidates) => attempt(() => findByIdentifier(db, candidates)),
    findById: (userId) => attempt(() => findById(db, userId)),
    insert: (user, event) => write(() => insertUser(db, user, event)),
    replacePassword: (change, describe) => write(() => replacePassword(db, change, describe)),
    upgradeVerifier: (upgrade) => attempt(() => upgradeVerifier(db, upgrade)),
    updateProfile: (change, describe) => write(() => updateProfile(db, change, describe))
  }
}
