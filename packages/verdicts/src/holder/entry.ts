import { ok } from '@latchkey/contracts/errors'
import type { UsedSession } from '../touches/used-session.ts'
import type { Freezer } from './freeze.ts'
import type { Found } from './options.ts'

/** Longer ago than any interval, and a small number as the other times are. */
const NEVER = -1_000_000_000

/** A kept verdict. Times are milliseconds of the holder's clock. */
export interface Entry<V> extends UsedSession {
  /** See `TokenKeys`. */
  readonly key: string
  /** Made once, so that a hit allocates nothing. */
  readonly answer: { readonly ok: true; readonly value: V }
  /** When the token or the session ends, whatever happens. */
  readonly endsAt: number
  idleEndsAt: number
  /** Since the hand of the clock came by. */
  used: boolean
}

/**
 * All ends are counted from when the answer was asked for: it cannot be older than that. Times are whole, rounded down,
 * as whole numbers take less room.
 */
export function createEntry<V>(key: string, found: Found<V>, sentAt: number, freezer: Freezer): Entry<V> {
  return {
    key,
    sessionId: found.sessionId,
    userId: found.userId,
    answer: Object.freeze(ok(freezer.freeze(found.verdict))),
    endsAt: Math.floor(sentAt + found.endsInMs),
    idleTtlMs: Math.floor(found.idleTtlMs),
    idleEndsAt: Math.floor(sentAt + found.idleEndsInMs),
    lastUsedAt: Math.floor(sentAt),
    waits: false,
    toldAt: NEVER,
    used: false
  }
}
