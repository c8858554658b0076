import type { RequestOf } from '@latchkey/contracts/define'
import { ok, type Result } from '@latchkey/contracts/errors'
import type { sessionContract } from '@latchkey/contracts/session'
import type { SessionStore } from './ports.ts'

/** Keeps the copy of the user's profile that answers "who am I", unless a newer one is here already. */
export async function putProfile(
  { sessions }: { readonly sessions: SessionStore },
  { user, version }: RequestOf<typeof sessionContract.putProfile>
): Promise<Result<Record<string, never>>> {
  await sessions.putProfile(user, version)
  return ok({})
}
