/**
 * The rules of the protocol that can be broken to see whether the tests notice. Production obeys all of them; only a
 * test build can name others.
 */
export interface HolderRules {
  /** An answer is not kept when its session or user was announced after it was asked for. */
  readonly refusesOvertakenAnswers: boolean
  /** A request does not wait for an answer that was asked for before an announcement. */
  readonly detachesFlights: boolean
  /** The lease is counted from before the renewal was sent, not from its reply. */
  readonly countsLeaseFromSending: boolean
  /** Time is taken from the monotonic clock, not from the wall clock. */
  readonly usesMonotonicClock: boolean
  /** A lost or doubtful connection drops everything. */
  readonly dropsOnDoubt: boolean
  /** What was announced in between is taken with a renewal, and a gap drops everything. */
  readonly checksSequence: boolean
  /** An announcement is remembered whatever is kept after it. */
  readonly keepsTombstones: boolean
  /** Announcements too many to remember drop every answer under way. */
  readonly refusesOnOverflow: boolean
  /** Whatever was kept under a lease that ran out is dropped before the next begins. */
  readonly dropsOnLapse: boolean
  /** What is kept is used under a lease only. */
  readonly judgesByLease: boolean
  /** An announcement is acknowledged once it has been obeyed. */
  readonly obeysBeforeAcknowledging: boolean
}

export interface AuthorityRules {
  /** An announcement ends when all holders have acknowledged it, or their leases are over. */
  readonly awaitsHolders: boolean
  /** A holder that does not acknowledge is waited for until its lease is over. */
  readonly outwaitsLeases: boolean
  /** A new registry is waited out, as it does not know the leases of the one before. */
  readonly doubtsNewRegistry: boolean
  /** A silent member is struck off only if it has not renewed meanwhile. */
  readonly dropsByMark: boolean
}

export const ALL_HOLDER_RULES: HolderRules = {
  refusesOvertakenAnswers: true,
  detachesFlights: true,
  countsLeaseFromSending: true,
  usesMonotonicClock: true,
  dropsOnDoubt: true,
  checksSequence: true,
  keepsTombstones: true,
  refusesOnOverflow: true,
  dropsOnLapse: true,
  judgesByLease: true,
  obeysBeforeAcknowledging: true
}

export const ALL_AUTHORITY_RULES: AuthorityRules = {
  awaitsHolders: true,
  outwaitsLeases: true,
  doubtsNewRegistry: true,
  dropsByMark: true
}
