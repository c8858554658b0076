import type { CallContext, RequestOf } from '@latchkey/contracts/define'
import { ok, type Result } from '@latchkey/contracts/errors'
import type { sessionContract } from '@latchkey/contracts/session'
import type { ChangeDeps } from './end-session.ts'
import type { Block } from './ports.ts'

/** Keeps the copy of the user's profile, and of their block, that requests are judged by, unless a newer one is here. */
export async function putProfile(
  { sessions, announce }: ChangeDeps,
  { user, version, block }: RequestOf<typeof sessionContract.putProfile>,
  context: CallContext
): Promise<Result<Record<string, never>, 'unavailable'>> {
  const { unannounced } = await sessions.putProfile(user, version, readBlock(block))
  const announced = await announce({ userId: user.id, items: [{ kind: 'user', id: user.id }], unannounced }, context)
  return announced.ok ? ok({}) : announced
}

function readBlock(block: RequestOf<typeof sessionContract.putProfile>['block']): Block | undefined {
  if (block === null) return undefined
  return { endsAtMs: block.until === null ? undefined : Date.parse(block.until) }
}
