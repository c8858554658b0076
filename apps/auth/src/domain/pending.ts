import type { CallOptions } from '@latchkey/contracts/define'
import type { Deps, PendingEnding, User, UserBlock } from './ports.ts'

type PendingDeps = Pick<Deps, 'sessions' | 'pending'>

/** Below the time for which a pending row is its claimer's; the answer comes once the change holds everywhere. */
export const SETTLE_TIMEOUT_MS = 3200
const BATCH = 20

/** Ends the sessions that a change of credentials, or of the role, has voided; `false` when the session service does not answer. */
export async function settleEnding(
  { sessions, pending }: PendingDeps,
  ending: PendingEnding,
  call: CallOptions
): Promise<boolean> {
  const { id, adminId = null, ...request } = ending
  const actor = adminId === null ? {} : { actor: { kind: 'admin', id: adminId } as const }
  const ended = await sessions.endAll({ ...request, ...actor }, call)
  if (ended.ok) await pending.removeEnding(id)
  return ended.ok
}

/**
 * Ends the sessions that any change of the user's so far has voided, before something is done for one of them; `false`
 * when the session service does not answer.
 */
export async function settleEndingsOf(deps: PendingDeps, userId: string, call: CallOptions): Promise<boolean> {
  for (const ending of await deps.pending.listEndings(userId)) {
    if (!(await settleEnding(deps, ending, call))) return false
  }
  return true
}

/** Brings the session service's copy of a profile, and of the block beside it, up to date; `false` when it does not answer. */
export async function settleProfile(
  { sessions, pending }: PendingDeps,
  { profile, profileVersion, block }: User,
  call: CallOptions
): Promise<boolean> {
  const put = await sessions.putProfile({ user: profile, version: profileVersion, block: presentBlock(block) }, call)
  if (put.ok) await pending.removeProfile(profile.id, profileVersion)
  return put.ok
}

function presentBlock(block: UserBlock | undefined) {
  return block === undefined ? null : { until: block.until?.toISOString() ?? null }
}

/** Settles what a crash, or a session service that was down, has left; `false` when something had to be left again. */
export async function settlePending(deps: PendingDeps, call: CallOptions): Promise<boolean> {
  for (const ending of await deps.pending.claimEndings(BATCH)) {
    if (!(await settleEnding(deps, ending, call))) return false
  }
  for (const user of await deps.pending.claimProfiles(BATCH)) {
    if (!(await settleProfile(deps, user, call))) return false
  }
  return true
}
