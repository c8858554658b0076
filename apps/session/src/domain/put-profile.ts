import type { CallContext, RequestOf } from '@latchkey/contracts/define'
import { ok, type Result } from '@latchkey/contracts/errors'
import type { sessionContract } from '@latchkey/contracts/session'
import type { EndDeps } from './end-session.ts'

/** Keeps the copy of the user's profile that answers "who am I", unless a newer one is here already. */
export async function putProfile(
  { sessions, announce }: EndDeps,
  { user, version }: RequestOf<typeof sessionContract.putProfile>,
  context: CallContext
): Promise<Result<Record<string, never>, 'unavailable'>> {
  const { unannounced } = await sessions.putProfile(user, version)
  const announced = await announce({ userId: user.id, items: [{ kind: 'user', id: user.id }], unannounced }, context)
  return announced.ok ? ok({}) : announced
}
