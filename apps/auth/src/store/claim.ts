import { type SelectQueryBuilder, type SqlBool, sql } from 'kysely'

/** Until then a row that is due belongs to whoever wrote or claimed it; afterwards it is taken for abandoned. */
export const leaseEnd = sql<Date>`now() + interval '4 seconds'`

/**
 * The rows of a table that are due and that nobody else is claiming just now, locked, so many at most. For `$call`, on a
 * table with a column `due_at`.
 */
export function claimable(limit: number) {
  return <DB, TB extends keyof DB, Row>(rows: SelectQueryBuilder<DB, TB, Row>) =>
    rows.where(sql<SqlBool>`due_at <= now()`).limit(limit).forUpdate().skipLocked()
}
