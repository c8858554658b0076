import type { activityContract } from '@latchkey/contracts/activity'
import type { CallOptions, Client } from '@latchkey/contracts/define'
import { type Failure, ok, type Result } from '@latchkey/contracts/errors'
import { within } from './call.ts'

const ADMIT_TIMEOUT_MS = 300
/** After a failure nobody asks for so long; then one request tries again while the others go on without. */
const PAUSE_MS = 1500

/** `lastActiveAt` is `null` when the activity service could not be asked. */
export type Admit = (
  userId: string,
  call: CallOptions
) => Promise<Result<{ readonly lastActiveAt: string | null }, 'user_blocked'>>

/** Asks whether a user may act now. That the activity service cannot be reached never keeps anybody out. */
export function createAdmission(activity: Pick<Client<typeof activityContract>, 'admit'>): Admit {
  let resumeAtMs = 0
  let failing = false

  return async (userId, call) => {
    if (failing) {
      if (performance.now() < resumeAtMs) return ok({ lastActiveAt: null })
      resumeAtMs = performance.now() + PAUSE_MS
    }
    const admitted = await activity.admit({ userId, purpose: 'request' }, within(call, ADMIT_TIMEOUT_MS))
    failing = !admitted.ok && admitted.code !== 'user_blocked'
    if (admitted.ok) return ok({ lastActiveAt: admitted.value.lastActiveAt })
    if (admitted.code === 'user_blocked') return admitted satisfies Failure<'user_blocked'>
    resumeAtMs = performance.now() + PAUSE_MS
    return ok({ lastActiveAt: null })
  }
}
