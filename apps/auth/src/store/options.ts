import type { Kysely } from 'kysely'
import type { Attempt } from './attempt.ts'
import type { Database } from './database.ts'

export interface StoreOptions {
  readonly db: Kysely<Database>
  readonly attempt: Attempt
}

/** For a store that writes events. */
export interface EventStoreOptions extends StoreOptions {
  /** Called when a transaction that may have written an event is over. */
  readonly onEvent: () => void
}

/** For a store that queues mails as well. */
export interface MailingStoreOptions extends EventStoreOptions {
  /** Called when a transaction that may have queued a mail is over. */
  readonly onMail: () => void
}
