import type { Profile } from '@latchkey/contracts/ids'
import type { Session } from '@latchkey/contracts/session-schema'
import { TimestampTexts } from './timestamp-texts.ts'

/** Uses closer together than this are told as one: they reach the services in batches of about that age anyway. */
const PRECISION_MS = 1000

export interface CallerParts {
  readonly user: Profile
  readonly session: Session
  readonly lastActiveAt: string
  readonly idleTtlMs: number
}

/**
 * Who is asking. User and session are as they were looked up, and all that may alter is known to hold still; what moves
 * with use is kept up here, as far as this gateway has seen the token used.
 */
export class Caller {
  readonly user: Profile
  readonly session: Session
  readonly #lastActiveAt: string
  readonly #idleTtlMs: number
  #usedAtMs = 0

  constructor({ user, session, lastActiveAt, idleTtlMs }: CallerParts) {
    this.user = user
    this.session = session
    this.#lastActiveAt = lastActiveAt
    this.#idleTtlMs = idleTtlMs
  }

  /** Notes activity that asked nobody; `nowMs` is by the clock that sessions go by. */
  use(nowMs: number): void {
    if (nowMs - this.#usedAtMs >= PRECISION_MS) this.#usedAtMs = nowMs
  }

  /** When activity was last noted, 0 for never: tells whether anything here has moved. */
  get usedAtMs(): number {
    return this.#usedAtMs
  }

  get lastActiveAt(): string {
    return latest(this.#lastActiveAt, useTexts.at(this.#usedAtMs))
  }

  /** When the session was last seen, with its use until now. */
  get lastSeenAt(): string {
    return latest(this.session.lastSeenAt, useTexts.at(this.#usedAtMs))
  }

  /** When the session ends if it is not used again. */
  get idleExpiresAt(): string {
    const { lastSeenAt, idleExpiresAt, expiresAt } = this.session
    if (useTexts.at(this.#usedAtMs) <= lastSeenAt) return idleExpiresAt
    return earliest(expiresAt, endTexts.at(this.#usedAtMs + this.#idleTtlMs))
  }
}

// Callers that used their tokens in the same millisecond are told the same times.
const useTexts = new TimestampTexts()
const endTexts = new TimestampTexts()

/** Timestamps have one form, so that their order is that of their text. */
function latest(one: string, other: string): string {
  return one > other ? one : other
}

function earliest(one: string, other: string): string {
  return one < other ? one : other
}
