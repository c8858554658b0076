/** A session in use, as the buffer of touches writes it down: in place, so that a use costs no look-up. */
export interface UsedSession {
  readonly sessionId: string
  readonly userId: string
  /** How far a use moves the session's idle end, in milliseconds: what ends soon is told of sooner. */
  readonly idleTtlMs: number
  /** Milliseconds of the monotonic clock. */
  lastUsedAt: number
  /** Whether its latest use has still to be told. */
  waits: boolean
  /** When a use of it was last told, by the same clock; negative before the first. */
  toldAt: number
}
