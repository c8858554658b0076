import type { EndReason, Role } from '@latchkey/contracts/ids'
import type { Opening } from '@latchkey/contracts/session'
import type { Device, Method } from '@latchkey/contracts/session-schema'
import type { VerdictItem } from '@latchkey/contracts/verdict'
import type { Unannounced } from '../domain/announcement-ports.ts'
import type {
  Blocked,
  CheckOutcome,
  Ended,
  KnownDevice,
  LiveSession,
  OpenOutcome,
  RotateOutcome,
  SessionRecord
} from '../domain/ports.ts'
import { decodeProfile } from './profile-text.ts'

/** A session as the scripts describe it; `endedAtMs` is 0 and `reason` empty while it is live. */
export type SessionReply = readonly [
  id: string,
  slot: number,
  createdAtMs: number,
  lastSeenAtMs: number,
  endedAtMs: number,
  method: Method,
  tokens: Opening['tokens'],
  reason: EndReason | '',
  device: string,
  openedAs: Role | ''
]

/** The device of a session as it is stored: without names of fields, which would cost more memory than the values. */
type DeviceText = readonly [ip: string, name: string, userAgent: string, id: string | null]

type EndedReply = readonly [kind: 'ended', reason: EndReason, atMs: number]
/** `endsAtMs` is 0 for a block without an end. */
type BlockedReply = readonly [kind: 'blocked', nowMs: number, endsAtMs: number]
type LiveReply<K> = readonly [kind: K, nowMs: number, session: SessionReply, profile: string]
type OpenedReply = readonly [
  kind: 'opened',
  nowMs: number,
  newDevice: 0 | 1,
  session: SessionReply,
  concurrent: readonly SessionReply[],
  replaced: readonly SessionReply[]
]

/** An entry of the pending stream. */
export type PendingReply =
  | readonly [entryId: string, kind: 'session' | 'user', id: string]
  | readonly [entryId: string, kind: 'everyone']

/** What each script returns beside the number of events, what is pending, and the server. */
export interface Replies {
  readonly open:
    | readonly ['stale_epoch']
    | readonly ['limit', readonly SessionReply[]]
    | readonly ['unknown']
    | EndedReply
    | OpenedReply
  readonly check: readonly ['unknown'] | EndedReply | BlockedReply | LiveReply<'active'>
  readonly rotate:
    | readonly ['unknown']
    | EndedReply
    | BlockedReply
    | readonly ['reused', EndReason, number]
    | LiveReply<'rotated'>
  readonly find: readonly ['unknown'] | readonly ['found', userId: string, SessionReply]
  readonly end: readonly ['unknown'] | readonly ['ended', SessionReply]
  readonly 'end-all': readonly [ended: number]
  readonly list: readonly [sessions: readonly SessionReply[], hasMore: 0 | 1]
  readonly 'put-profile': readonly []
  readonly touch: readonly []
  readonly 'list-users': readonly [place: number, cursor: string, userIds: readonly string[]]
  readonly 'end-matching': readonly [matched: number, sessions: readonly (readonly [userId: string, SessionReply])[]]
  readonly 'end-everyone': readonly [ended: number]
  readonly 'list-pending': readonly (readonly [entryId: string, item: string])[]
  readonly sweep: readonly [steps: number, swept: number]
  readonly 'read-counts': readonly [
    minute: number,
    live: number,
    opened: readonly string[],
    announced: readonly string[]
  ]
  readonly 'note-announced': readonly []
  readonly 'list-devices': readonly string[]
  readonly erase: readonly []
  readonly locate: readonly []
  readonly inspect: readonly ['whole'] | readonly ['doubtful', serverId: string, ageMs: number]
  readonly recover: readonly [isDone: 0 | 1]
}

export function encodeDevice({ ip, name, userAgent, id }: Device): string {
  const text: DeviceText = [ip, name, userAgent, id]
  return JSON.stringify(text)
}

export function readSession(userId: string, reply: SessionReply): SessionRecord {
  const [id, slot, createdAtMs, lastSeenAtMs, endedAtMs, method, tokens, reason, device, openedAs] = reply
  const [ip, name, userAgent, deviceId] = JSON.parse(device) as DeviceText
  return {
    id,
    userId,
    slot,
    device: { id: deviceId, name, userAgent, ip },
    method,
    tokens,
    openedAs: openedAs === '' ? undefined : openedAs,
    createdAtMs,
    lastSeenAtMs,
    ended: reason === '' ? undefined : { atMs: endedAtMs, reason }
  }
}

export function readSessions(userId: string, replies: readonly SessionReply[]): SessionRecord[] {
  return replies.map((reply) => readSession(userId, reply))
}

export function readDevices(reply: Replies['list-devices']): KnownDevice[] {
  const pairs = Array.from({ length: reply.length / 2 }, (_, index) => reply.slice(2 * index, 2 * index + 2))
  return pairs.map(([fingerprint = '', second]) => ({ fingerprint, lastSignInAtMs: Number(second) * 1000 }))
}

export function readUnannounced(pending: readonly PendingReply[]): Unannounced[] {
  return pending.map((entry) => {
    const item: VerdictItem = entry[1] === 'everyone' ? { kind: entry[1] } : { kind: entry[1], id: entry[2] }
    return { entryId: entry[0], item }
  })
}

export function readOpened(userId: string, reply: Replies['open'], unannounced: readonly Unannounced[]): OpenOutcome {
  if (reply[0] === 'stale_epoch') return { kind: 'stale_epoch' }
  if (reply[0] === 'limit') return { kind: 'limit', sessions: readSessions(userId, reply[1]) }
  if (reply[0] === 'unknown') return { kind: 'unknown' }
  if (reply[0] === 'ended') return readEnded(reply)
  const [kind, nowMs, newDevice, session, concurrent, replaced] = reply
  return {
    kind,
    nowMs,
    session: readSession(userId, session),
    concurrent: readSessions(userId, concurrent),
    replaced: readSessions(userId, replaced),
    newDevice: newDevice === 1,
    unannounced
  }
}

export function readChecked(userId: string, reply: Replies['check']): CheckOutcome {
  if (reply[0] === 'unknown') return { kind: 'unknown' }
  if (reply[0] === 'ended') return readEnded(reply)
  if (reply[0] === 'blocked') return readBlocked(reply)
  return { kind: 'active', ...readLive(userId, reply) }
}

export function readRotated(
  userId: string,
  reply: Replies['rotate'],
  unannounced: readonly Unannounced[]
): RotateOutcome {
  if (reply[0] === 'unknown') return { kind: 'unknown' }
  if (reply[0] === 'ended') return readEnded(reply)
  if (reply[0] === 'blocked') return readBlocked(reply)
  if (reply[0] === 'reused') return { kind: 'reused', reason: reply[1], atMs: reply[2], unannounced }
  return { kind: 'rotated', ...readLive(userId, reply) }
}

function readEnded([kind, reason, atMs]: EndedReply): Ended {
  return { kind, reason, atMs }
}

function readBlocked([kind, nowMs, endsAtMs]: BlockedReply): Blocked {
  return { kind, nowMs, endsAtMs: endsAtMs === 0 ? undefined : endsAtMs }
}

function readLive(userId: string, [, nowMs, session, profile]: LiveReply<unknown>): LiveSession {
  return { nowMs, session: readSession(userId, session), user: decodeProfile(userId, profile) }
}
