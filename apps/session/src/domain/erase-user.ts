import type { CallContext } from '@latchkey/contracts/define'
import { ok, type Result } from '@latchkey/contracts/errors'
import type { ChangeDeps } from './end-session.ts'

/** Ends every session of a user who is deleted, and forgets them; a repetition announces it again. */
export async function eraseUser(
  { sessions, announce }: ChangeDeps,
  { userId }: { readonly userId: string },
  context: CallContext
): Promise<Result<Record<never, never>, 'unavailable'>> {
  const { unannounced } = await sessions.erase(userId)
  const announced = await announce({ userId, items: [{ kind: 'user', id: userId }], unannounced }, context)
  return announced.ok ? ok({}) : announced
}
