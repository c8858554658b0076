import type { ReplyOf } from '@latchkey/contracts/define'
import { ok, type Result } from '@latchkey/contracts/errors'
import type { sessionContract } from '@latchkey/contracts/session'
import { toTimestamp } from './describe-session.ts'
import type { SessionStore } from './ports.ts'

/** The devices by which a sign-in is judged to be from a new one or not. */
export async function listDevices(
  { sessions }: { readonly sessions: SessionStore },
  { userId }: { readonly userId: string }
): Promise<Result<ReplyOf<typeof sessionContract.listDevices>>> {
  const devices = await sessions.listDevices(userId)
  return ok({
    devices: devices.map(({ fingerprint, lastSignInAtMs }) => ({
      fingerprint,
      lastSignInAt: toTimestamp(lastSignInAtMs)
    }))
  })
}
