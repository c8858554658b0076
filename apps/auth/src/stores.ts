import type { Transport } from '@latchkey/messaging/transport'
import { createPostgresOutboxRelay, type PostgresOutboxRelay } from '@latchkey/outbox/postgres'
import type { MeasuredPool } from '@latchkey/runtime/dependency-metrics'
import type { ReadinessCheck } from '@latchkey/runtime/health'
import type { Logger } from '@latchkey/runtime/logger'
import { createAvailability } from './availability.ts'
import type { AccountStore, ErasureStore } from './domain/account-ports.ts'
import type { AdminStore } from './domain/admin-ports.ts'
import type { FactorStore } from './domain/factor-ports.ts'
import type { MailStore } from './domain/mail-ports.ts'
import type { PendingStore, UserStore } from './domain/ports.ts'
import type { RecoveryStore } from './domain/recovery-ports.ts'
import { createAccountStore } from './store/accounts.ts'
import { createAdminStore } from './store/admin-users.ts'
import { createAttempt } from './store/attempt.ts'
import { createDatabase, type DatabaseOptions, openDatabase, openPool } from './store/database.ts'
import { createErasureStore } from './store/erasures.ts'
import { createFactorStore } from './store/factors.ts'
import { createMailStore } from './store/mails.ts'
import { createPendingStore } from './store/pending.ts'
import { createDatabaseCheck, readTime } from './store/readiness.ts'
import { createRecoveryStore } from './store/recovery.ts'
import { type Renew, renewSecrets } from './store/renew-secrets.ts'
import { createUserStore } from './store/users.ts'

export interface StoresOptions {
  readonly database: Omit<DatabaseOptions, 'onConnectionLost'>
  /** Where the outbox is relayed to. */
  readonly transport: Transport
  /** Called when a mail may have been queued. */
  readonly onMail: () => void
  readonly logger: Logger
}

export interface Stores {
  readonly users: UserStore
  readonly admins: AdminStore
  readonly pending: PendingStore
  readonly factors: FactorStore
  readonly recovery: RecoveryStore
  readonly mails: MailStore
  readonly accounts: AccountStore
  readonly erasures: ErasureStore
  readonly check: ReadinessCheck
  /** By the database's clock, in milliseconds since 1970. */
  readonly readTime: () => Promise<number>
  /** What is measured of the pool, and of the relay of the outbox. */
  readonly pool: MeasuredPool
  readonly outbox: Pick<PostgresOutboxRelay, 'backlog'>
  /** Relays what is on its way and closes every connection. */
  close(): Promise<void>
}

/** The stores over one pool, and the relay that empties their outbox. */
export function openStores({ database, transport, onMail, logger }: StoresOptions): Stores {
  const availability = createAvailability('the database', logger)
  const attempt = createAttempt(availability)
  const pool = openPool({ ...database, onConnectionLost: availability.down })
  const db = createDatabase(pool)
  const relay = createPostgresOutboxRelay({ db, transport, log: logger })
  const writing = { db, attempt, onEvent: relay.nudge, onMail }
  return {
    users: createUserStore(writing),
    admins: createAdminStore(writing),
    pending: createPendingStore({ db, attempt }),
    factors: createFactorStore(writing),
    recovery: createRecoveryStore(writing),
    mails: createMailStore({ db, attempt }),
    accounts: createAccountStore(writing),
    erasures: createErasureStore(writing),
    check: createDatabaseCheck(db),
    readTime: () => readTime(db),
    pool,
    outbox: relay,
    close: async () => {
      await relay.stop()
      await db.destroy()
    }
  }
}

const nothing = () => undefined

/** The stores for one command: the events and mails it writes wait for a running service to relay them. */
export function openCommandStores(database: StoresOptions['database']) {
  const db = openDatabase({ ...database, onConnectionLost: nothing })
  const writing = { db, attempt: createAttempt({ up: nothing, down: nothing }), onEvent: nothing, onMail: nothing }
  return {
    users: createUserStore(writing),
    admins: createAdminStore(writing),
    renewSecrets: (renew: Renew) => renewSecrets(db, renew),
    close: () => db.destroy()
  }
}
