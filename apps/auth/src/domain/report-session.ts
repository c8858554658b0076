import type { CallContext, RequestOf } from '@latchkey/contracts/define'
import { fail, ok, type Result } from '@latchkey/contracts/errors'
import type { recoveryContract } from '@latchkey/contracts/recovery'
import { callWithin } from './calls.ts'
import { hashToken } from './link-token.ts'
import { SETTLE_TIMEOUT_MS } from './pending.ts'
import type { Deps } from './ports.ts'

type Request = RequestOf<typeof recoveryContract.reportSession>

/**
 * Ends the session that the mail asked about, then the link: a crash in between leaves a link that can end that session
 * and nothing else, rather than a session that nobody can end any more.
 */
export async function reportSession(
  { recovery, sessions }: Pick<Deps, 'recovery' | 'sessions'>,
  { token }: Request,
  context: CallContext
): Promise<Result<Record<never, never>, 'link_invalid' | 'unavailable'>> {
  const hash = hashToken(token)
  const reported = await recovery.findReport(hash)
  if (reported === undefined) return fail('link_invalid')
  const ending = { ...reported, reason: 'revoked_by_user' } as const
  const ended = await sessions.end(ending, callWithin(context, SETTLE_TIMEOUT_MS))
  if (!ended.ok && ended.code !== 'session_not_found') return fail('unavailable')
  return (await recovery.removeReport(hash)) ? ok({}) : fail('link_invalid')
}
