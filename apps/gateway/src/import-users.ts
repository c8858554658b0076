import {
  type accountsContract,
  type LineFault,
  MAX_IMPORT_BATCH,
  type PortableUser
} from '@latchkey/contracts/accounts'
import type { ReplyOf } from '@latchkey/contracts/define'
import type { ErrorCode, Result } from '@latchkey/contracts/errors'
import { splitLines } from './ndjson-lines.ts'
import { readPortableUser } from './read-portable-user.ts'

export interface NumberedUser {
  readonly line: number
  readonly user: PortableUser
}

/** Adds one batch of users. */
export type ImportBatch = (
  users: readonly NumberedUser[]
) => Promise<Result<ReplyOf<typeof accountsContract.import>, ErrorCode>>

const MAX_LINE_BYTES = 16 * 1024
/** Of lines in one batch, so that it fits a message. */
const MAX_BATCH_BYTES = 256 * 1024

interface Batch {
  readonly firstLine: number
  readonly size: number
  readonly users: readonly NumberedUser[]
  readonly faults: readonly LineFault[]
}

/**
 * Adds the users on the lines of a file, batch after batch, and reports as it goes: a line of JSON for each fault, one
 * after each batch, and one at the end. After a failure of the service nothing more is tried, and the report says from
 * which line on; lines of that batch may have been taken, and are then refused as taken when they are sent again.
 */
export async function* importUsers(chunks: Iterable<Buffer>, importBatch: ImportBatch): AsyncGenerator<string> {
  const tally = { read: 0, imported: 0, failed: 0 }
  for (const { firstLine, size, users, faults } of listBatches(chunks)) {
    for (const fault of faults) yield report('error', fault)
    const answer = await importBatch(users)
    if (!answer.ok) {
      yield report('aborted', { line: firstLine, code: answer.code, ...tally })
      return
    }
    for (const fault of answer.value.faults) yield report('error', fault)
    tally.read += size
    tally.imported += answer.value.imported
    tally.failed = tally.read - tally.imported
    yield report('progress', tally)
  }
  yield report('done', tally)
}

function report(type: string, facts: object): string {
  return `${JSON.stringify({ type, ...facts })}\n`
}

function* listBatches(chunks: Iterable<Buffer>): Generator<Batch> {
  let batch = createBatch()
  for (const line of splitLines(chunks, MAX_LINE_BYTES)) {
    const bytes = line.text === undefined ? 0 : Buffer.byteLength(line.text)
    if (batch.size === MAX_IMPORT_BATCH || batch.bytes + bytes > MAX_BATCH_BYTES) {
      yield batch
      batch = createBatch()
    }
    if (batch.size === 0) batch.firstLine = line.number
    batch.size += 1
    batch.bytes += bytes
    const read = readPortableUser(line)
    if ('user' in read) batch.users.push(read)
    else batch.faults.push(...read.faults)
  }
  if (batch.size > 0) yield batch
}

function createBatch() {
  const users: NumberedUser[] = []
  const faults: LineFault[] = []
  return { firstLine: 0, size: 0, bytes: 0, users, faults }
}
