import type { ErrorCode, Failure, Result } from '@latchkey/contracts/errors'
import { ok } from '@latchkey/contracts/errors'
import type { Kysely, Transaction } from 'kysely'
import type { Database } from './database.ts'

class Refusal extends Error {
  override readonly name = 'Refusal'
}

/**
 * A transaction that may end in an expected failure: what the callback hands to `refuse` is answered, after everything
 * it did has been undone.
 */
export async function transact<T, E extends ErrorCode>(
  db: Kysely<Database>,
  run: (trx: Transaction<Database>, refuse: (failure: Failure<E>) => never) => Promise<T>
): Promise<Result<T, E>> {
  let refused: Failure<E> | undefined
  const refuse = (failure: Failure<E>): never => {
    refused = failure
    throw new Refusal()
  }
  try {
    return ok(await db.transaction().execute((trx) => run(trx, refuse)))
  } catch (err) {
    if (err instanceof Refusal && refused !== undefined) return refused
    throw err
  }
}
