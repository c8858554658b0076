import type { IdentifierKind } from '@latchkey/contracts/auth'
import { fail, failField, type Result } from '@latchkey/contracts/errors'
import type { PlatformEvent } from '@latchkey/contracts/events'
import { appendEvent } from '@latchkey/outbox/postgres'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { ProfileChange, User } from '../domain/ports.ts'
import { claimIdentifiers } from './claim-identifiers.ts'
import type { Database } from './database.ts'
import { putPendingProfile } from './pending.ts'
import { selectUsers, toUser } from './select-users.ts'
import { transact } from './transaction.ts'

const KINDS: readonly IdentifierKind[] = ['email', 'username', 'mobile']

export function updateProfile(
  db: Kysely<Database>,
  change: ProfileChange,
  describe: (version: number) => PlatformEvent
): Promise<Result<User, 'identifier_taken' | 'user_not_found' | 'invalid_request'>> {
  const { userId } = change
  return transact(db, async (trx, refuse) => {
    const version = await updateUser(trx, change)
    if (version === undefined) return refuse(fail('user_not_found'))
    const taken = await replaceIdentifiers(trx, change)
    if (taken !== undefined) return refuse(fail('identifier_taken', { field: taken }))
    const user = toUser(await selectUsers(trx).where('users.id', '=', userId).executeTakeFirstOrThrow())
    if (KINDS.every((kind) => user.profile[kind] === null)) return refuse(failWithoutIdentifier(change))

    await appendEvent(trx, describe(version))
    await putPendingProfile(trx, { userId, version })
    return user
  })
}

/** Locks the user's row: two changes that each leave one identifier must not leave none together. */
async function updateUser(trx: Transaction<Database>, change: ProfileChange): Promise<number | undefined> {
  const { userId, firstName, lastName, identifiers } = change
  const user = await trx
    .updateTable('users')
    .set(({ eb }) => ({
      profileVersion: eb('profileVersion', '+', 1),
      updatedAt: sql`now()`,
      ...(firstName === undefined ? {} : { firstName }),
      ...(lastName === undefined ? {} : { lastName }),
      ...(identifiers.email === undefined ? {} : { emailVerified: false })
    }))
    .where('id', '=', userId)
    .returning('profileVersion')
    .executeTakeFirst()
  return user?.profileVersion
}

/** The kind of an identifier that is somebody else's, if there is one. */
async function replaceIdentifiers(
  trx: Transaction<Database>,
  { userId, identifiers }: ProfileChange
): Promise<IdentifierKind | undefined> {
  const kinds = KINDS.filter((kind) => identifiers[kind] !== undefined)
  if (kinds.length === 0) return undefined
  await trx.deleteFrom('userIdentifiers').where('userId', '=', userId).where('kind', 'in', kinds).execute()
  const wanted = kinds.map((kind) => identifiers[kind] ?? undefined).filter((identifier) => identifier !== undefined)
  return await claimIdentifiers(trx, userId, wanted)
}

function failWithoutIdentifier({ identifiers }: ProfileChange) {
  const [field = 'email'] = KINDS.filter((kind) => identifiers[kind] === null)
  return failField(field, 'required', 'must stay, since it is the last identifier')
}
