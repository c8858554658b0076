/** A session in use, as the buffer of touches writes it down: in place, so that a use costs no look-up. */
export interface UsedSession {
  readonly sessionId: string
  readonly userId: string
  /** Milliseconds of the monotonic clock. */
  lastUsedAt: number
  /** The batch it was last put into; 0 at first. */
  batch: number
}
