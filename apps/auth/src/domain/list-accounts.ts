import type { accountsContract } from '@latchkey/contracts/accounts'
import type { ReplyOf, RequestOf } from '@latchkey/contracts/define'
import { ok, type Result } from '@latchkey/contracts/errors'
import type { AccountDeps } from './account-ports.ts'

/** One batch of all users, as they can be imported again. */
export async function listAccounts(
  { accounts, reporter, now, newId }: Pick<AccountDeps, 'accounts' | 'reporter' | 'now' | 'newId'>,
  { adminId, after, limit }: RequestOf<typeof accountsContract.list>
): Promise<Result<ReplyOf<typeof accountsContract.list>>> {
  const { users, last } = await accounts.listAfter(after, limit)
  if (after === 0) {
    const actor = { kind: 'admin' as const, id: adminId }
    const occurredAt = now().toISOString()
    reporter.report({ id: newId(), version: 1, name: 'dataExported', userId: adminId, occurredAt, payload: { actor } })
  }
  return ok({ users, next: users.length === limit && last !== undefined ? last : null })
}
