import type { CallOptions } from '@latchkey/contracts/define'
import type { Deps, PendingEnding, User } from './ports.ts'

type PendingDeps = Pick<Deps, 'sessions' | 'pending'>

/** Below the time for which a pending row is its claimer's; the answer comes once the change holds everywhere. */
export const SETTLE_TIMEOUT_MS = 3200
const BATCH = 20

/** Ends the sessions that a change of credentials has voided; `false` when the session service does not answer. */
export async function settleEnding(
  { sessions, pending }: PendingDeps,
  ending: PendingEnding,
  call: CallOptions
): Promise<boolean> {
  const { id, ...request } = ending
  const ended = await sessions.endAll(request, call)
  if (ended.ok) await pending.removeEnding(id)
  return ended.ok
}

/** Brings the session service's copy of a profile up to date; `false` when it does not answer. */
export async function settleProfile(
  { sessions, pending }: PendingDeps,
  { profile, profileVersion }: User,
  call: CallOptions
): Promise<boolean> {
  const put = await sessions.putProfile({ user: profile, version: profileVersion }, call)
  if (put.ok) await pending.removeProfile(profile.id, profileVersion)
  return put.ok
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
