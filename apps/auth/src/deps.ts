import { randomUUID, randomUUIDv7 } from 'node:crypto'
import { activityContract } from '@latchkey/contracts/activity'
import { attemptsContract } from '@latchkey/contracts/attempts'
import { sessionContract } from '@latchkey/contracts/session'
import { createClient } from '@latchkey/messaging/client'
import type { Transport } from '@latchkey/messaging/transport'
import type { Logger } from '@latchkey/runtime/logger'
import type { Metrics } from '@latchkey/runtime/metrics'
import type { StoreClock } from '@latchkey/runtime/store-clock'
import { createCommonPasswords } from './common-passwords.ts'
import { type Config, getTotpOptions } from './config.ts'
import type { AccountDeps } from './domain/account-ports.ts'
import type { AdminDeps } from './domain/admin-ports.ts'
import type { FactorDeps } from './domain/factor-ports.ts'
import type { EventReporter } from './domain/ports.ts'
import { createLocalBudgets } from './local-budgets.ts'
import type { CheckedPasswords } from './passwords.ts'
import { recoveryCodes } from './recovery-codes.ts'
import type { Stores } from './stores.ts'
import { createTotpSecrets } from './totp-secrets.ts'

/** All that the use cases of this service work with; each names what it needs of it. */
export type AuthDeps = FactorDeps & AdminDeps & AccountDeps

export interface DepsOptions {
  readonly config: Config
  readonly transport: Transport
  readonly logger: Logger
  readonly stores: Stores
  readonly passwords: CheckedPasswords
  readonly reporter: EventReporter
  readonly metrics: Pick<Metrics, 'observeClientCall'>
  readonly clock: Pick<StoreClock, 'nowMs'>
}

export function createDeps(options: DepsOptions): AuthDeps {
  const { config, transport, logger, stores, passwords, reporter, clock } = options
  const calling = { observe: options.metrics.observeClientCall }
  const minLength = config.PASSWORD_MIN_LENGTH
  return {
    users: stores.users,
    admins: stores.admins,
    accounts: stores.accounts,
    pending: stores.pending,
    erasures: stores.erasures,
    factors: stores.factors,
    recovery: stores.recovery,
    totp: createTotpSecrets(getTotpOptions(config)),
    recoveryCodes,
    passwords,
    findVerifierFault: passwords.findFault,
    policy: { minLength, isCommon: createCommonPasswords(minLength) },
    sessions: createClient(sessionContract, transport, logger, calling),
    activity: createClient(activityContract, transport, logger, calling),
    attempts: createClient(attemptsContract, transport, logger, calling),
    localBudgets: createLocalBudgets({ nowMs: () => performance.now() }),
    reporter,
    now: () => new Date(clock.nowMs()),
    newId: () => randomUUIDv7(),
    newPseudonym: () => randomUUID()
  }
}
