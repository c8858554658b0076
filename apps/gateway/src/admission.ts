import type { activityContract } from '@latchkey/contracts/activity'
import type { CallOptions, Client } from '@latchkey/contracts/define'
import { type Failure, ok, type Result } from '@latchkey/contracts/errors'
import { within } from './call.ts'

const ADMIT_TIMEOUT_MS = 300
/** After a failure nobody asks for so long; then one request tries again while the others go on without. */
const PAUSE_MS = 1500
/** An admission that nobody could be asked for is good for so long, whatever the user does. */
const UNASKED_MS = 2000

/** Durations count from the question; `Infinity` where there is no such end. */
export interface Admission {
  /** `null` when the activity service could not be asked, or knows of no activity. */
  readonly lastActiveAt: string | null
  /** Until inactivity blocks the user. */
  readonly activeForMs: number
  /** How far from now activity moves that. */
  readonly windowMs: number
  /** Until it has to be asked again, in spite of any activity. */
  readonly holdsForMs: number
}

export type Admit = (
  question: { readonly userId: string; readonly activity: boolean },
  call: CallOptions
) => Promise<Result<Admission, 'user_blocked'>>

const unasked: Admission = {
  lastActiveAt: null,
  activeForMs: Number.POSITIVE_INFINITY,
  windowMs: Number.POSITIVE_INFINITY,
  holdsForMs: UNASKED_MS
}

/** Asks whether a user may act now. That the activity service cannot be reached never keeps anybody out. */
export function createAdmission(activity: Pick<Client<typeof activityContract>, 'admit'>): Admit {
  let resumeAtMs = 0
  let failing = false

  return async ({ userId, activity: isActivity }, call) => {
    if (failing) {
      if (performance.now() < resumeAtMs) return ok(unasked)
      resumeAtMs = performance.now() + PAUSE_MS
    }
    const purpose = isActivity ? 'request' : 'background'
    const admitted = await activity.admit({ userId, purpose }, within(call, ADMIT_TIMEOUT_MS))
    failing = !admitted.ok && admitted.code !== 'user_blocked'
    if (admitted.ok) return ok(readAdmission(admitted.value))
    if (admitted.code === 'user_blocked') return admitted satisfies Failure<'user_blocked'>
    resumeAtMs = performance.now() + PAUSE_MS
    return ok(unasked)
  }
}

interface Admitted {
  readonly lastActiveAt: string | null
  readonly activeForMs: number | null
  readonly windowMs: number | null
}

function readAdmission({ lastActiveAt, activeForMs, windowMs }: Admitted): Admission {
  return {
    lastActiveAt,
    activeForMs: activeForMs ?? Number.POSITIVE_INFINITY,
    windowMs: windowMs ?? Number.POSITIVE_INFINITY,
    holdsForMs: Number.POSITIVE_INFINITY
  }
}
