import { hash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Database } from './database.ts'

export interface Quota {
  /** What is counted. */
  readonly name: string
  /** By whom it is counted. */
  readonly value: string
  readonly perHour: number
}

export interface Granted {
  readonly granted: boolean
  /** Until the hour is over and the count begins anew. */
  readonly retryAfterSeconds: number
}

/** Counts one more. Whoever counts by the same value waits until this transaction is over. */
export async function takeQuota(db: Kysely<Database>, { name, value, perHour }: Quota): Promise<Granted> {
  const key = `${name} ${hash('sha256', value, 'base64url')}`
  const { rows } = await sql<{ used: number; retryAfterSeconds: number }>`
    insert into mail_quotas as quota (key, used, resets_at) values (${key}, 1, now() + interval '1 hour')
    on conflict (key) do update set
      used = case when quota.resets_at <= now() then 1 else quota.used + 1 end,
      resets_at = case when quota.resets_at <= now() then excluded.resets_at else quota.resets_at end
    returning used, greatest(1, ceil(extract(epoch from resets_at - now())))::integer as retry_after_seconds`.execute(
    db
  )
  const { used = 1, retryAfterSeconds = 1 } = rows[0] ?? {}
  return { granted: used <= perHour, retryAfterSeconds }
}
