import type { PlatformEvent } from '@latchkey/contracts/events'
import type { Transport } from '@latchkey/messaging/transport'
import { type Generated, type JSONColumnType, type Kysely, type QueryExecutorProvider, sql } from 'kysely'
import { drainTable, readBacklog } from './postgres-drain.ts'
import { createPublisher } from './publisher.ts'
import { type Relay, type RelayLog, startRelay } from './relay.ts'

/** The table `outbox`, by the names it has under Kysely's `CamelCasePlugin`. */
export interface OutboxTable {
  id: Generated<string>
  event: JSONColumnType<PlatformEvent>
  createdAt: Generated<Date>
  /** When the relay gave the row up as not readable; `null` for those still to be sent. */
  setAsideAt: Date | null
}

export interface PostgresOutboxOptions<DB> {
  readonly db: Kysely<DB>
  readonly transport: Transport
  readonly log: RelayLog
}

export interface PostgresOutboxRelay extends Pick<Relay, 'stop' | 'backlog'> {
  /** Sends what is committed soon. Cheap, never fails, and many calls are as good as one. */
  nudge(): void
}

const LANE = 'outbox'

/** For a migration. */
export async function createOutboxTable(db: QueryExecutorProvider): Promise<void> {
  await sql`
    create table outbox (
      id bigserial primary key,
      event jsonb not null,
      created_at timestamptz not null default now(),
      set_aside_at timestamptz
    )`.execute(db)
}

/** Writes an event in the transaction of the change it tells of; nudge the relay once that has committed. */
export async function appendEvent(trx: QueryExecutorProvider, event: PlatformEvent): Promise<void> {
  await sql`insert into outbox (event) values (${JSON.stringify(event)}::jsonb)`.execute(trx)
}

/**
 * Relays rows of `outbox` into the platform's event stream: at least once, in the order of their ids. A row is deleted
 * after the stream has acknowledged it. Replicas may run at the same time: one of them relays, the others wait.
 */
export function createPostgresOutboxRelay<DB>({ db, transport, log }: PostgresOutboxOptions<DB>): PostgresOutboxRelay {
  const publisher = createPublisher(transport)
  const relay = startRelay(
    {
      drain: (_lane, signal) => drainTable({ db, publisher, log }, signal),
      listPending: async () => {
        const backlog = await readBacklog(db)
        return { ...backlog, lanes: backlog.events > 0 ? [LANE] : [] }
      }
    },
    log
  )
  transport.onState((state) => {
    if (state === 'connected') relay.wake()
  })
  return {
    nudge: () => relay.nudge(LANE),
    stop: () => relay.stop(),
    get backlog() {
      return relay.backlog
    }
  }
}
