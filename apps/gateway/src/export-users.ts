import type { accountsContract } from '@latchkey/contracts/accounts'
import type { ReplyOf } from '@latchkey/contracts/define'
import type { ErrorCode, Result } from '@latchkey/contracts/errors'
import { unwrap } from './errors.ts'

type Batch = ReplyOf<typeof accountsContract.list>
type ListBatch = (after: number, limit: number) => Promise<Result<Batch, ErrorCode>>

const BATCH = 200

/**
 * Lines of JSON, batch after batch, as fast as they are read. Throws the failure of the first batch, before there is
 * anything; a later one breaks the lines off.
 */
export async function exportUsers(list: ListBatch): Promise<AsyncGenerator<string>> {
  const first = unwrap(await list(0, BATCH))
  return exportBatches(first, list)
}

async function* exportBatches(first: Batch, list: ListBatch): AsyncGenerator<string> {
  let batch = first
  for (;;) {
    if (batch.users.length > 0) yield batch.users.map((user) => `${JSON.stringify(user)}\n`).join('')
    if (batch.next === null) return
    batch = unwrap(await list(batch.next, BATCH))
  }
}
