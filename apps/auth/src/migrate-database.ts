import { setTimeout as delay } from 'node:timers/promises'
import type { Tls } from '@latchkey/runtime/tls'
import { sql } from 'kysely'
import { openDatabase } from './store/database.ts'
import { classifyFailure } from './store/failures.ts'
import { migrate } from './store/migrations.ts'

export interface MigrateOptions {
  /** `postgres://…`, of a role that may change the schema. */
  readonly url: string
  readonly tls?: Tls | undefined
  /** How long to wait for a database that does not answer yet. */
  readonly waitMs: number
}

const RETRY_DELAY_MS = 250
/** A change of the schema may take long on a large table. */
const STATEMENT_TIMEOUT_MS = 10 * 60_000

/** Brings the schema up to date and answers the names of the migrations that were pending; throws what stopped it. */
export async function migrateDatabase({ url, tls, waitMs }: MigrateOptions): Promise<string[]> {
  const db = openDatabase({
    url,
    tls,
    poolSize: 2,
    poolWaitMs: 2000,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    onConnectionLost: () => undefined
  })
  try {
    await waitFor(() => sql`select 1`.execute(db), waitMs)
    return await migrate(db)
  } finally {
    await db.destroy()
  }
}

async function waitFor(probe: () => Promise<unknown>, waitMs: number): Promise<void> {
  const deadline = performance.now() + waitMs
  for (;;) {
    try {
      await probe()
      return
    } catch (err) {
      if (classifyFailure(err) !== 'unavailable' || performance.now() > deadline) throw err
      await delay(RETRY_DELAY_MS)
    }
  }
}
