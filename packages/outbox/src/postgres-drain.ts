import { setTimeout as delay } from 'node:timers/promises'
import { type Kysely, type QueryExecutorProvider, sql, type Transaction } from 'kysely'
import type { Publisher } from './publisher.ts'
import { type Backlog, MAX_BATCH_AGE_MS, type RelayLog } from './relay.ts'

export interface TableDrain<DB> {
  readonly db: Kysely<DB>
  readonly publisher: Publisher
  readonly log: RelayLog
}

const BATCH = 100
/** Tells this lock from other advisory locks of the same database. */
const LOCK = 0x6f757462
/** More than this is too much, however much it is. */
const MAX_COUNTED = 10_000
const LOCK_ATTEMPTS = 5
const LOCK_RETRY_DELAY_MS = 50

/** Counts no further than to `MAX_COUNTED`. */
export async function readBacklog(db: QueryExecutorProvider): Promise<Backlog> {
  const { rows } = await sql<{ events: number; age: number }>`
    select count(*)::integer as events,
      coalesce(extract(epoch from now() - min(created_at)), 0)::double precision as age
    from (
      select created_at from outbox where set_aside_at is null order by id limit ${sql.lit(MAX_COUNTED)}
    ) as waiting`.execute(db)
  const { events = 0, age = 0 } = rows[0] ?? {}
  return { events, oldestAgeMs: Math.max(0, age * 1000) }
}

/** Sends batches until the table is empty, `signal` is aborted or another replica is at it. */
export async function drainTable<DB>(drain: TableDrain<DB>, signal: AbortSignal): Promise<void> {
  let attempt = 1
  while (!signal.aborted) {
    drain.publisher.assertConnected()
    const outcome = await drain.db.transaction().execute((trx) => relayBatch({ ...drain, trx }, signal))
    if (outcome.failure !== undefined) throw outcome.failure.cause
    if (outcome.state === 'empty') return
    if (outcome.state === 'sent') continue
    // The other replica sends what we were called for, unless it looked just before; then a sweep finds it.
    if (attempt === LOCK_ATTEMPTS) return
    attempt += 1
    await delay(LOCK_RETRY_DELAY_MS)
  }
}

interface Outcome {
  readonly state: 'empty' | 'sent' | 'busy'
  /** What interrupted the batch, to be thrown once the rows that were sent are gone for good. */
  readonly failure?: { readonly cause: unknown }
}

interface BatchDrain<DB> extends TableDrain<DB> {
  readonly trx: Transaction<DB>
}

/**
 * One replica at a time: rows locked one by one (`for update skip locked`) would let two replicas send neighbouring
 * batches in either order.
 */
async function relayBatch<DB>({ trx, publisher, log }: BatchDrain<DB>, signal: AbortSignal): Promise<Outcome> {
  const lock = await sql<{ held: boolean }>`select pg_try_advisory_xact_lock(${sql.lit(LOCK)}) as held`.execute(trx)
  if (lock.rows[0]?.held !== true) return { state: 'busy' }
  const { rows } = await sql<{ id: string; event: string }>`
    select id::text as id, event::text as event from outbox
    where set_aside_at is null order by outbox.id limit ${sql.lit(BATCH)}`.execute(trx)
  if (rows.length === 0) return { state: 'empty' }

  const readAt = performance.now()
  const sent: string[] = []
  const unreadable: string[] = []
  let failure: Outcome['failure']
  for (const { id, event: text } of rows) {
    if (signal.aborted || performance.now() - readAt > MAX_BATCH_AGE_MS) break
    const event = publisher.read(text)
    if (event === undefined) {
      unreadable.push(id)
      continue
    }
    try {
      await publisher.publish(event)
      sent.push(id)
    } catch (cause) {
      failure = { cause }
      break
    }
  }
  await settle(trx, sent, unreadable)
  if (unreadable.length > 0) log.error({ ids: unreadable }, 'outbox rows are not readable and were set aside')
  return failure === undefined ? { state: 'sent' } : { state: 'sent', failure }
}

async function settle(trx: QueryExecutorProvider, sent: string[], unreadable: string[]): Promise<void> {
  if (sent.length > 0) await sql`delete from outbox where id = any(${sent}::bigint[])`.execute(trx)
  if (unreadable.length === 0) return
  await sql`update outbox set set_aside_at = now() where id = any(${unreadable}::bigint[])`.execute(trx)
}
