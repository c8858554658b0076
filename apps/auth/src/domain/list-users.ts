import type { adminContract } from '@latchkey/contracts/admin'
import type { ReplyOf, RequestOf } from '@latchkey/contracts/define'
import { failField, ok, type Result } from '@latchkey/contracts/errors'
import type { AdminDeps } from './admin-ports.ts'
import { presentAdministeredUser } from './administered-user.ts'
import { isPlainText } from './text.ts'

/** A serial number fits into 31 bits. */
const CURSOR = /^u(\d{1,10})$/
const MAX_NUMBER = 2_147_483_647

/** Newest first. The cursor names the last user listed, so that new ones move nothing. */
export async function listUsers(
  { admins }: Pick<AdminDeps, 'admins'>,
  { query, state, role, limit, cursor }: RequestOf<typeof adminContract.listUsers>
): Promise<Result<ReplyOf<typeof adminContract.listUsers>, 'invalid_request'>> {
  const beforeNumber = cursor === null ? undefined : readCursor(cursor)
  if (cursor !== null && beforeNumber === undefined) {
    return failField('cursor', 'invalid', 'is not a cursor that this list has given out')
  }
  const text = query?.trim() ?? ''
  if (!isPlainText(text)) return failField('query', 'malformed', 'must be text without control characters')
  const found = await admins.search({
    query: text === '' ? undefined : text,
    state: state ?? undefined,
    role: role ?? undefined,
    limit: limit + 1,
    beforeNumber
  })
  const users = found.slice(0, limit)
  const last = users.at(-1)
  return ok({
    items: users.map(presentAdministeredUser),
    nextCursor: found.length > limit && last !== undefined ? `u${last.profile.number}` : null
  })
}

function readCursor(cursor: string): number | undefined {
  const number = Number(CURSOR.exec(cursor)?.[1])
  return number <= MAX_NUMBER ? number : undefined
}
