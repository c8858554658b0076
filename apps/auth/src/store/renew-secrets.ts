import type { Kysely } from 'kysely'
import type { Database } from './database.ts'

/** What a stored secret is to be replaced with; `undefined` where it stays. */
export type Renew = (secret: Buffer, userId: string) => Buffer | undefined

const BATCH = 500

/**
 * Replaces the stored secrets of second factors, user by user, and answers how many it did. One that changes meanwhile is
 * left as whoever changed it made it. Repeated after a failure, it goes on with those that are left.
 */
export async function renewSecrets(db: Kysely<Database>, renew: Renew): Promise<number> {
  let renewed = 0
  let after: string | undefined
  for (;;) {
    const rows = await listSecrets(db, after)
    for (const { userId, secret } of rows) {
      const replacement = renew(secret, userId)
      if (replacement === undefined) continue
      const { numUpdatedRows } = await db
        .updateTable('totpFactors')
        .set({ secret: replacement })
        .where('userId', '=', userId)
        .where('secret', '=', secret)
        .executeTakeFirst()
      renewed += Number(numUpdatedRows)
    }
    after = rows.at(-1)?.userId
    if (after === undefined) return renewed
  }
}

async function listSecrets(db: Kysely<Database>, after: string | undefined) {
  const secrets = db.selectFrom('totpFactors').select(['userId', 'secret']).orderBy('userId').limit(BATCH)
  return await (after === undefined ? secrets : secrets.where('userId', '>', after)).execute()
}
