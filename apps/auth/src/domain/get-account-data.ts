import type { AccountData, accountsContract } from '@latchkey/contracts/accounts'
import type { RequestOf } from '@latchkey/contracts/define'
import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { AccountDeps } from './account-ports.ts'
import { isFreshSignIn } from './fresh-sign-in.ts'

/** All that is held here about a user, for that user; told to their timeline. */
export async function getAccountData(
  { accounts, reporter, now, newId }: Pick<AccountDeps, 'accounts' | 'reporter' | 'now' | 'newId'>,
  { userId, authenticatedAt }: RequestOf<typeof accountsContract.getData>
): Promise<Result<AccountData, 'user_not_found' | 'reauthentication_required'>> {
  if (!isFreshSignIn(authenticatedAt, now())) return fail('reauthentication_required')
  const data = await accounts.findData(userId)
  if (data === undefined) return fail('user_not_found')
  const occurredAt = now().toISOString()
  reporter.report({ id: newId(), version: 1, name: 'dataExported', userId, occurredAt, payload: {} })
  return ok(data)
}
