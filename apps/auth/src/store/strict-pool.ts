import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely'
import type { Pool } from 'pg'

/** What the driver says when `query_timeout` is over. */
const READ_TIMEOUT = 'Query read timeout'

/**
 * A connection on which a query got no answer in time is not used again: the server may still execute it, and if it
 * began a transaction, whoever had the connection next would write inside that one.
 */
export function createStrictPool(pool: Pool): PostgresPool {
  return { options: pool.options, end: () => pool.end(), connect: async () => guardClient(await pool.connect()) }
}

function guardClient(client: PostgresPoolClient): PostgresPoolClient {
  let hung: Error | undefined
  const run = async <R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> => {
    if (hung !== undefined) throw hung
    try {
      return await client.query<R>(sql, parameters)
    } catch (err) {
      if (err instanceof Error && err.message === READ_TIMEOUT) hung = err
      throw err
    }
  }
  function query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>
  function query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>
  function query<R>(sql: string | PostgresCursor<R>, parameters: readonly unknown[] = []) {
    return typeof sql === 'string' ? run<R>(sql, parameters) : client.query(sql)
  }
  return { query, release: (destroy) => client.release(destroy === true || hung !== undefined) }
}
