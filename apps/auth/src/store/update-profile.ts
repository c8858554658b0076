import type { IdentifierKind } from '@latchkey/contracts/auth'
import { fail, failField, type Result } from '@latchkey/contracts/errors'
import type { PlatformEvent } from '@latchkey/contracts/events'
import { appendEvent } from '@latchkey/outbox/postgres'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { ProfileChange, User } from '../domain/ports.ts'
import { claimIdentifiers } from './claim-identifiers.ts'
import type { Database } from './database.ts'
import { queueVerification } from './insert-user.ts'
import { takeQuota } from './mail-quotas.ts'
import { putPendingProfile } from './pending.ts'
import { mayMail, queueLink, queueNotice, removeAddressLinks, type Target } from './queue-mail.ts'
import { selectUsers, toUser } from './select-users.ts'
import { transact } from './transaction.ts'

/** Nobody is to write to many strangers through us. */
const CHANGES_PER_HOUR = 10
const KINDS: readonly IdentifierKind[] = ['email', 'username', 'mobile']

export function updateProfile(
  db: Kysely<Database>,
  change: ProfileChange,
  describe: (version: number) => PlatformEvent
): Promise<Result<User, 'identifier_taken' | 'user_not_found' | 'invalid_request'>> {
  const { userId } = change
  return transact(db, async (trx, refuse) => {
    const changesProfile = hasProfileChange(change)
    const version = changesProfile ? await updateUser(trx, change) : await lockUser(trx, userId)
    if (version === undefined) return refuse(fail('user_not_found'))
    const taken = (await replaceIdentifiers(trx, change)) ?? (await requestEmailChange(trx, change))
    if (taken !== undefined) return refuse(fail('identifier_taken', { field: taken }))
    const user = toUser(await selectUsers(trx).where('users.id', '=', userId).executeTakeFirstOrThrow())
    if (KINDS.every((kind) => user.profile[kind] === null)) return refuse(failWithoutIdentifier(change))

    if (!changesProfile) return user
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

function hasProfileChange({ firstName, lastName, identifiers }: ProfileChange): boolean {
  return firstName !== undefined || lastName !== undefined || Object.keys(identifiers).length > 0
}

async function lockUser(trx: Transaction<Database>, userId: string): Promise<number | undefined> {
  const user = await trx
    .selectFrom('users')
    .select('profileVersion')
    .where('id', '=', userId)
    .forNoKeyUpdate()
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
  const taken = await claimIdentifiers(trx, userId, wanted)
  if (taken !== undefined || identifiers.email === undefined) return taken
  await removeAddressLinks(trx, userId)
  await queueVerification(trx, userId, wanted)
  return undefined
}

/** Asks the new address, and tells the one that is still the user's. `email`: somebody else has the new one. */
async function requestEmailChange(
  trx: Transaction<Database>,
  { userId, newEmail }: ProfileChange
): Promise<'email' | undefined> {
  if (newEmail === undefined) return undefined
  const { canonical, entered } = newEmail
  const owner = await trx
    .selectFrom('userIdentifiers')
    .select('userId')
    .where('kind', '=', 'email')
    .where('canonical', '=', canonical)
    .executeTakeFirst()
  if (owner !== undefined && owner.userId !== userId) return 'email'
  const byUser = await takeQuota(trx, { name: 'email_change_by', value: userId, perHour: CHANGES_PER_HOUR })
  if (!byUser.granted || !(await mayMail(trx, 'email_change', canonical))) return undefined
  const target = sql<Target>`select user_id, ${canonical} as address, ${entered} as entered, canonical as replaces
    from user_identifiers where user_id = ${userId} and kind = 'email'`
  await queueLink(trx, { purpose: 'email_change', target })
  await queueNotice(trx, userId, 'email_change_requested')
  return undefined
}

function failWithoutIdentifier({ identifiers }: ProfileChange) {
  const [field = 'email'] = KINDS.filter((kind) => identifiers[kind] === null)
  return failField(field, 'required', 'must stay, since it is the last identifier')
}
