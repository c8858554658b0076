import { type Failure, fail } from '@latchkey/contracts/errors'
import type { Session } from '@latchkey/contracts/session-schema'
import type { Blocked, Lifetimes, SessionRecord } from './ports.ts'

export function toTimestamp(ms: number): string {
  return new Date(ms).toISOString()
}

export function findIdleDeadlineMs(session: SessionRecord, { idleMs }: Lifetimes): number {
  return session.lastSeenAtMs + idleMs
}

export function findAbsoluteDeadlineMs(session: SessionRecord, { absoluteMs }: Lifetimes): number {
  return session.createdAtMs + absoluteMs
}

/** A session as the platform shows it: without anything that authenticates. */
export function describeSession(session: SessionRecord, lifetimes: Lifetimes): Session {
  const { id, userId, device, method, ended } = session
  return {
    id,
    userId,
    state: ended === undefined ? 'active' : 'ended',
    device,
    method,
    createdAt: toTimestamp(session.createdAtMs),
    lastSeenAt: toTimestamp(session.lastSeenAtMs),
    idleExpiresAt: toTimestamp(findIdleDeadlineMs(session, lifetimes)),
    expiresAt: toTimestamp(findAbsoluteDeadlineMs(session, lifetimes)),
    endedAt: ended === undefined ? null : toTimestamp(ended.atMs),
    endReason: ended?.reason ?? null
  }
}

export function failBlocked({ nowMs, endsAtMs }: Blocked): Failure<'user_blocked'> {
  return fail('user_blocked', {
    reason: 'admin',
    blockedUntil: endsAtMs === undefined ? null : toTimestamp(endsAtMs),
    retryAfterSeconds: endsAtMs === undefined ? null : Math.max(1, Math.ceil((endsAtMs - nowMs) / 1000))
  })
}
