import type { CallOptions, Client } from '@latchkey/contracts/define'
import { type ErrorCode, fail, ok, type Result } from '@latchkey/contracts/errors'
import type { Profile } from '@latchkey/contracts/ids'
import type { sessionContract } from '@latchkey/contracts/session'
import type { Session } from '@latchkey/contracts/session-schema'
import type { Admit } from './admission.ts'
import { within } from './call.ts'
import { type Claims, isExpired } from './claims.ts'

/** Who is asking, as found out for this request. */
export interface Caller {
  readonly user: Profile
  readonly session: Session
  readonly lastActiveAt: string
}

export interface VerdictOptions {
  readonly session: Pick<Client<typeof sessionContract>, 'check'>
  readonly admit: Admit
}

const CHECK_TIMEOUT_MS = 1000

/**
 * The one place that decides whether the bearer of a verified token may act: the token's own time first, then the
 * session's state, then the user's. Activity is asked last, since it takes the question itself for activity, and the
 * token of an ended session must not keep its user active.
 */
export function createVerdict({ session, admit }: VerdictOptions) {
  return async (claims: Claims, call: CallOptions): Promise<Result<Caller, ErrorCode>> => {
    if (isExpired(claims, Date.now() / 1000)) return fail('token_expired')

    const question = { sessionId: claims.sid, userId: claims.sub, activity: true }
    const checked = await session.check(question, within(call, CHECK_TIMEOUT_MS))
    if (!checked.ok) return checked

    const admitted = await admit(claims.sub, call)
    if (!admitted.ok) return admitted
    return ok({ ...checked.value, lastActiveAt: admitted.value.lastActiveAt ?? checked.value.session.lastSeenAt })
  }
}
