import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { Method } from '@latchkey/contracts/session-schema'
import type { AttemptBudget, FactorDeps } from './factor-ports.ts'

type ProveDeps = Pick<FactorDeps, 'factors' | 'totp' | 'recoveryCodes' | 'now'>

/** Apart from that of passwords: who cannot find the right code may still change the password. */
export const CODE_BUDGET: AttemptBudget = { limit: 10, windowSeconds: 15 * 60 }

/** How a user whose password was right has proved who they are, if that is enough. */
export async function proveFactor(
  deps: ProveDeps,
  { userId, code }: { readonly userId: string; readonly code: string | undefined }
): Promise<
  Result<Method, 'second_factor_required' | 'second_factor_invalid' | 'too_many_attempts' | 'user_not_found'>
> {
  const factor = await deps.factors.find(userId)
  if (factor?.state !== 'on') return ok('password')
  if (code === undefined || code.trim() === '') return fail('second_factor_required')
  const counted = await deps.factors.countAttempt(userId, CODE_BUDGET)
  if (!counted.ok) return counted
  const isRight = await takeCode(deps, { userId, code, secret: factor.secret })
  return isRight ? ok('password+totp') : fail('second_factor_invalid')
}

/** Whether the user has a factor that is on. */
export async function hasFactor({ factors }: Pick<FactorDeps, 'factors'>, userId: string): Promise<boolean> {
  return (await factors.find(userId))?.state === 'on'
}

export interface CodeOfFactor {
  readonly userId: string
  readonly code: string
  readonly secret: Buffer
}

/** Whether it is a right code of the secret, and taken for the first time. */
export async function takeTotpCode(
  { factors, totp, now }: Pick<FactorDeps, 'factors' | 'totp' | 'now'>,
  { userId, code, secret }: CodeOfFactor
): Promise<boolean> {
  const step = totp.findStep(secret, { userId, code, nowMs: now().getTime() })
  return step !== undefined && (await factors.takeStep(userId, secret, step))
}

async function takeCode(deps: ProveDeps, given: CodeOfFactor): Promise<boolean> {
  const hash = deps.recoveryCodes.hash(given.code)
  return hash === undefined ? await takeTotpCode(deps, given) : await deps.factors.burnRecoveryCode(given.userId, hash)
}
