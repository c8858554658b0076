import type { accountsContract } from '@latchkey/contracts/accounts'
import type { Handlers } from '@latchkey/contracts/define'
import type { AccountDeps } from './domain/account-ports.ts'
import { deleteAccount, deleteOwnAccount } from './domain/delete-account.ts'
import { getAccountData } from './domain/get-account-data.ts'
import { importAccounts } from './domain/import-accounts.ts'
import { listAccounts } from './domain/list-accounts.ts'
import { withStore } from './with-store.ts'

export function createAccountHandlers(deps: AccountDeps): Handlers<typeof accountsContract> {
  return {
    deleteOwn: withStore((request, context) => deleteOwnAccount(deps, request, context)),
    delete: withStore((request, context) => deleteAccount(deps, request, context)),
    getData: withStore((request) => getAccountData(deps, request)),
    import: withStore((request) => importAccounts(deps, request)),
    list: withStore((request) => listAccounts(deps, request))
  }
}
