import type { Result } from '@latchkey/contracts/errors'
import type { PlatformEvent } from '@latchkey/contracts/events'
import type { FactorStatus } from '@latchkey/contracts/factors'
import type { Deps, PendingEnding } from './ports.ts'

/** A user's second factor as it is stored. */
export interface Factor {
  /** Opened by `TotpSecrets` alone. */
  readonly secret: Buffer
  /** `pending`: takes effect once it is confirmed. */
  readonly state: 'pending' | 'on'
}

/** At most so many attempts within so many seconds from the first. */
export interface AttemptBudget {
  readonly limit: number
  readonly windowSeconds: number
}

export type FactorRemoval = Pick<PendingEnding, 'userId' | 'reason' | 'exceptSessionId' | 'adminId'>

/** Each method is one statement or transaction. Throws `StoreUnavailable` when the store does not answer. */
export interface FactorStore {
  describe(userId: string): Promise<FactorStatus>
  /** `undefined` also for a secret that has waited too long to be confirmed. */
  find(userId: string): Promise<Factor | undefined>
  /** A secret to be confirmed, in the place of an earlier one; nothing is done where a factor is on. */
  putPending(userId: string, secret: Buffer): Promise<Result<void, 'factor_enabled' | 'user_not_found'>>
  /** Counts an attempt before it is judged; `too_many_attempts` for one over the budget, which then is not judged. */
  countAttempt(userId: string, budget: AttemptBudget): Promise<Result<void, 'too_many_attempts' | 'user_not_found'>>
  /**
   * Takes note of a right code, which also gives back the attempts: of several codes of one step, or of an older one,
   * whoever asks and wherever, one is taken. `false` also when the secret is not the user's any more.
   */
  takeStep(userId: string, secret: Buffer, step: number): Promise<boolean>
  /** Uses a recovery code up, which also gives back the attempts; `false` for one that is not there, or not any more. */
  burnRecoveryCode(userId: string, hash: Buffer): Promise<boolean>
  /** Turns on the factor with this pending secret, with new recovery codes alone; `false` when it is not pending. */
  enable(userId: string, factor: EnabledFactor, event: PlatformEvent): Promise<boolean>
  /**
   * In one transaction: everything about the factor, the next epoch, the event, and the pending end of the user's
   * sessions as with `UserStore.replacePassword`. Where no factor was on nothing but the end that a removal before has left
   * pending, if any: it has to come before the answer all the same.
   */
  remove(removal: FactorRemoval, describe: (epoch: number) => PlatformEvent): Promise<PendingEnding | undefined>
}

export interface EnabledFactor {
  readonly secret: Buffer
  readonly codeHashes: readonly Buffer[]
}

export interface NewTotpSecret {
  /** Base32. */
  readonly secret: string
  /** What authenticator apps read from a QR code. */
  readonly otpauthUri: string
  /** For the store. */
  readonly sealed: Buffer
}

/** Codes by RFC 6238: SHA-1, six digits, 30 s. */
export interface TotpSecrets {
  /** `account` tells a person's accounts apart. */
  create(userId: string, account: string): NewTotpSecret
  /**
   * The step of a code that is right now, one step early or one late; `undefined` for any other. Throws for a secret
   * that was sealed for another user or under another key.
   */
  findStep(sealed: Buffer, code: GivenCode): number | undefined
}

export interface GivenCode {
  readonly userId: string
  readonly code: string
  readonly nowMs: number
}

export interface RecoveryCode {
  /** For the person, who alone has it. */
  readonly code: string
  /** For the store. */
  readonly hash: Buffer
}

export interface RecoveryCodes {
  create(): readonly RecoveryCode[]
  /** What is stored of a code; `undefined` for text that cannot be one. */
  hash(code: string): Buffer | undefined
}

export interface FactorDeps extends Deps {
  readonly factors: FactorStore
  readonly totp: TotpSecrets
  readonly recoveryCodes: RecoveryCodes
}
