import { fail, type Result } from '@latchkey/contracts/errors'
import type { PlatformEvent } from '@latchkey/contracts/events'
import { appendEvent } from '@latchkey/outbox/postgres'
import type { Kysely, Transaction } from 'kysely'
import type { OwnedIdentifier } from '../domain/identifiers.ts'
import type { NewUser, User } from '../domain/ports.ts'
import { claimIdentifiers } from './claim-identifiers.ts'
import type { Database } from './database.ts'
import { mayMail, ownAddress, queueLink } from './queue-mail.ts'
import { selectUsers, toUser } from './select-users.ts'
import { transact } from './transaction.ts'

export function insertUser(
  db: Kysely<Database>,
  { id, firstName, lastName, identifiers, verifier }: NewUser,
  event: PlatformEvent
): Promise<Result<User, 'identifier_taken'>> {
  return transact(db, async (trx, refuse) => {
    // Claimed before the user's row is made: a refusal uses up no serial number.
    const taken = await claimIdentifiers(trx, id, identifiers)
    if (taken !== undefined) return refuse(fail('identifier_taken', { field: taken }))
    await trx.insertInto('users').values({ id, firstName, lastName }).execute()
    if (verifier !== undefined) await trx.insertInto('passwords').values({ userId: id, verifier }).execute()
    await appendEvent(trx, event)
    await queueVerification(trx, id, identifiers)
    return toUser(await selectUsers(trx).where('users.id', '=', id).executeTakeFirstOrThrow())
  })
}

/** For an address that has just become the user's own. */
export async function queueVerification(
  trx: Transaction<Database>,
  userId: string,
  identifiers: readonly OwnedIdentifier[]
): Promise<void> {
  const address = identifiers.find(({ kind }) => kind === 'email')?.canonical
  if (address === undefined || !(await mayMail(trx, 'email_verification', address))) return
  await queueLink(trx, { purpose: 'email_verification', target: ownAddress(userId) })
}
