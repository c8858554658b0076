import { randomUUIDv7 } from 'node:crypto'
import type { PlatformEvent } from '@latchkey/contracts/events'
import { createPreparedDatabase, type TestScope } from '@latchkey/testing/stores'
import type { OwnedIdentifier } from '../../src/domain/identifiers.ts'
import type { NewUser } from '../../src/domain/ports.ts'
import { migrateDatabase } from '../../src/migrate-database.ts'
import { createAccountStore } from '../../src/store/accounts.ts'
import { createAdminStore } from '../../src/store/admin-users.ts'
import { openDatabase } from '../../src/store/database.ts'
import { createErasureStore } from '../../src/store/erasures.ts'
import { createFactorStore } from '../../src/store/factors.ts'
import { createMailStore } from '../../src/store/mails.ts'
import { createPendingStore } from '../../src/store/pending.ts'
import { createRecoveryStore } from '../../src/store/recovery.ts'
import { createUserStore } from '../../src/store/users.ts'

export function openTestDatabase(t: TestScope, url: string) {
  const db = openDatabase({
    url,
    poolSize: 10,
    poolWaitMs: 5000,
    statementTimeoutMs: 5000,
    onConnectionLost: () => undefined
  })
  t.teardown(() => db.destroy())
  return db
}

const prepare = (url: string) => migrateDatabase({ url, waitMs: 0 })

/** All stores on an empty, migrated database of their own. */
export async function openTestStores(t: TestScope) {
  const { url } = await createPreparedDatabase(t, prepare)
  const db = openTestDatabase(t, url)
  const attempt = <T>(run: () => Promise<T>) => run()
  const writing = { db, attempt, onEvent: () => undefined, onMail: () => undefined }
  return {
    db,
    users: createUserStore(writing),
    admins: createAdminStore(writing),
    pending: createPendingStore({ db, attempt }),
    recovery: createRecoveryStore(writing),
    mails: createMailStore({ db, attempt }),
    factors: createFactorStore(writing),
    accounts: createAccountStore(writing),
    erasures: createErasureStore(writing)
  }
}

export function createNewUser(...identifiers: OwnedIdentifier[]): NewUser {
  return { id: randomUUIDv7(), firstName: 'Ann', lastName: null, identifiers, verifier: 'first verifier' }
}

export function createEvent(userId: string): PlatformEvent {
  return {
    id: randomUUIDv7(),
    version: 1,
    name: 'passwordChanged',
    userId,
    occurredAt: new Date().toISOString(),
    payload: {}
  }
}

export const email = (name: string): OwnedIdentifier => ({
  kind: 'email',
  canonical: `${name.toLowerCase()}@example.com`,
  entered: `${name}@Example.com`
})
export const username = (name: string): OwnedIdentifier => ({
  kind: 'username',
  canonical: name.toLowerCase(),
  entered: name
})
