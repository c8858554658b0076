import type { PortableUser } from '@latchkey/contracts/accounts'
import type { Kysely } from 'kysely'
import type { AccountStore } from '../domain/account-ports.ts'
import { thenTell } from './attempt.ts'
import type { Database } from './database.ts'
import { insertUsers } from './insert-users.ts'
import type { EventStoreOptions } from './options.ts'
import { selectUsers, toUser } from './select-users.ts'

export function createAccountStore({ db, attempt, onEvent }: EventStoreOptions): AccountStore {
  const write = thenTell(attempt, onEvent)
  return {
    findData: (userId) => attempt(() => findData(db, userId)),
    insertMany: (users, describe) => write(() => insertUsers(db, users, describe)),
    listAfter: (after, limit) => attempt(() => listAfter(db, after, limit))
  }
}

async function findData(db: Kysely<Database>, userId: string) {
  const [row, identifiers] = await Promise.all([
    selectUsers(db).select('passwords.changedAt').where('users.id', '=', userId).executeTakeFirst(),
    db
      .selectFrom('userIdentifiers')
      .select(['kind', 'entered', 'canonical'])
      .where('userId', '=', userId)
      .orderBy('kind')
      .execute()
  ])
  if (row === undefined) return undefined
  return {
    profile: toUser(row).profile,
    identifiers,
    hasPassword: row.verifier !== null,
    passwordChangedAt: row.changedAt?.toISOString() ?? null,
    updatedAt: row.updatedAt.toISOString()
  }
}

async function listAfter(db: Kysely<Database>, after: number, limit: number) {
  const rows = await selectUsers(db).where('users.number', '>', after).orderBy('users.number').limit(limit).execute()
  const users = rows.map((row) => toPortable(toUser(row).profile, row.verifier))
  return { users, last: rows.at(-1)?.number }
}

/** What is as for everybody else is left out. */
function toPortable(profile: ReturnType<typeof toUser>['profile'], verifier: string | null): PortableUser {
  const { number: _number, ...fields } = profile
  const entries = Object.entries({ ...fields, passwordHash: verifier }).filter(([, value]) => value !== null)
  return Object.fromEntries(entries)
}
