import { accountsContract } from '@latchkey/contracts/accounts'
import { type ServeOptions, serve } from '@latchkey/messaging/server'
import type { Subscription } from '@latchkey/messaging/transport'
import { createAccountHandlers } from './account-handlers.ts'
import type { AccountDeps } from './domain/account-ports.ts'
import { settleErasures } from './domain/settle-erasures.ts'
import { createSweeper } from './sweeper.ts'

const SWEEP_INTERVAL_MS = 1000

/** Answers the contract for whole accounts, and goes on with erasures that were interrupted. */
export function serveAccounts(deps: AccountDeps, options: ServeOptions): Subscription {
  const settle = (createCall: Parameters<typeof settleErasures>[1]) => settleErasures(deps, createCall)
  const sweeper = createSweeper({ settle, newId: deps.newId, intervalMs: SWEEP_INTERVAL_MS, log: options.log })
  sweeper.start()
  const served = serve(accountsContract, createAccountHandlers(deps), options)
  return {
    drain: async () => {
      await served.drain()
      await sweeper.stop()
    }
  }
}
