import type { EventOf } from '@latchkey/contracts/events'
import type { UserStates } from './ports.ts'

type States = Pick<UserStates, 'noteAdminBlock'>

/**
 * Blocks by admins are enforced by the services that know of accounts and sessions. Here they are part of how a user
 * stands, and stop the clock of inactivity: nobody can be active who is kept out.
 */
export async function noteAdminBlock(
  { states }: { readonly states: States },
  { userId, occurredAt, payload: { reason, blockedUntil } }: EventOf<'userBlocked'>
): Promise<void> {
  if (reason !== 'admin') return
  const untilMs = blockedUntil === null ? undefined : Date.parse(blockedUntil)
  await states.noteAdminBlock(userId, { decidedAtMs: Date.parse(occurredAt), untilMs })
}

export async function noteAdminUnblock(
  { states }: { readonly states: States },
  { userId, occurredAt }: EventOf<'userUnblocked'>
): Promise<void> {
  const liftedAtMs = Date.parse(occurredAt)
  await states.noteAdminBlock(userId, { decidedAtMs: liftedAtMs, untilMs: liftedAtMs })
}
