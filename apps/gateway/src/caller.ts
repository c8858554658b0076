import type { Profile } from '@latchkey/contracts/ids'
import type { Session } from '@latchkey/contracts/session-schema'

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

  /** Notes activity that asked nobody; `nowMs` is wall-clock time. */
  use(nowMs: number): void {
    if (nowMs - this.#usedAtMs >= PRECISION_MS) this.#usedAtMs = nowMs
  }

  /** When activity was last noted, 0 for never: tells whether anything here has moved. */
  get usedAtMs(): number {
    return this.#usedAtMs
  }

  get lastActiveAt(): string {
    return this.#latest(this.#lastActiveAt)
  }

  /** The session with its use until now. */
  get usedSession(): Session {
    const lastSeenAt = this.#latest(this.session.lastSeenAt)
    if (lastSeenAt === this.session.lastSeenAt) return this.session
    const { expiresAt } = this.session
    const idleExpiresAt = new Date(Math.min(Date.parse(expiresAt), this.#usedAtMs + this.#idleTtlMs)).toISOString()
    return { ...this.session, lastSeenAt, idleExpiresAt }
  }

  /** Timestamps have one form, so that their order is that of their text. */
  #latest(found: string): string {
    if (this.#usedAtMs === 0) return found
    const usedAt = new Date(this.#usedAtMs).toISOString()
    return usedAt > found ? usedAt : found
  }
}
