import type { IdentifierKind } from '@latchkey/contracts/auth'
import type { Transaction } from 'kysely'
import type { OwnedIdentifier } from '../domain/identifiers.ts'
import type { Database } from './database.ts'

/**
 * Makes the identifiers the user's own, and answers the kind of one that is somebody else's. Waits for a transaction
 * that is claiming the same one. In one order everywhere, so that two claimants do not wait for each other.
 */
export async function claimIdentifiers(
  trx: Transaction<Database>,
  userId: string,
  identifiers: readonly OwnedIdentifier[]
): Promise<IdentifierKind | undefined> {
  if (identifiers.length === 0) return undefined
  const ordered = identifiers.toSorted((a, b) => a.kind.localeCompare(b.kind))
  const claimed = await trx
    .insertInto('userIdentifiers')
    .values(ordered.map(({ kind, canonical, entered }) => ({ kind, canonical, entered, userId })))
    .onConflict((conflict) => conflict.columns(['kind', 'canonical']).doNothing())
    .returning('kind')
    .execute()
  return ordered.find(({ kind }) => !claimed.some((row) => row.kind === kind))?.kind
}
