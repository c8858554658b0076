import { ok, type Result } from '@latchkey/contracts/errors'
import type { AttemptDeps } from './attempt-ports.ts'

/** For a user who has proved in another way who they are. */
export async function forgiveAttempts(
  { attempts }: Pick<AttemptDeps, 'attempts'>,
  { userId }: { readonly userId: string }
): Promise<Result<Record<never, never>>> {
  await attempts.forgive(userId)
  return ok({})
}
