import { ok, type Result } from '@latchkey/contracts/errors'
import type { FactorStatus } from '@latchkey/contracts/factors'
import type { FactorDeps } from './factor-ports.ts'

/** Nobody has none: that a user is gone is for others to say. */
export async function describeFactor(
  { factors }: Pick<FactorDeps, 'factors'>,
  { userId }: { readonly userId: string }
): Promise<Result<FactorStatus>> {
  return ok(await factors.describe(userId))
}
