/** What the model does differently, or how much may go wrong in it: names that verdict.pml tests with `#ifdef`. */
export type Defines = Readonly<Record<string, number>>

export interface Run {
  /** The rule that is broken; `undefined` for the protocol as it is. */
  readonly rule?: string
  readonly says: string
  readonly property: 'safety' | 'liveness'
  readonly expected: 'holds' | 'counterexample'
  readonly defines: Defines
  /** Takes more memory and time than a check of every change has. */
  readonly isWide?: true
}

const CALM: Defines = { CRASHES: 0, LOSSES: 0 }
const CRASH: Defines = { CRASHES: 1, LOSSES: 0 }
const LOSS: Defines = { CRASHES: 0, LOSSES: 1 }
/** A loss between the revokes of two sessions. */
const LOSS_BETWEEN: Defines = { ...LOSS, SECOND_REVOKE_OF: 1 }

const BOTH_GATEWAYS: Defines = { ...CRASH, WATCHED_GATEWAYS: 2, ONE_REVOKE: 1, SECOND_REVOKE_OF: 0 }

/** The protocol as it is. The slowest first, so that two cores end together. */
export const PROTOCOL: readonly Run[] = [
  holds('no stale accept: two sessions, one crash', 'safety', { ...CRASH, SECOND_REVOKE_OF: 1 }),
  holds('no stale accept: one session revoked twice, one crash', 'safety', { ...CRASH, SECOND_REVOKE_OF: 0 }),
  holds('every revoke ends: two sessions, one crash', 'liveness', { ...CRASH, SECOND_REVOKE_OF: 1 }),
  holds('no stale accept: the registry is lost once', 'safety', LOSS),
  holds('every revoke ends: one session revoked twice, one crash', 'liveness', { ...CRASH, SECOND_REVOKE_OF: 0 }),
  holds('no stale accept: both sessions watched', 'safety', { ...CALM, SECOND_REVOKE_OF: 1, WATCHED_SESSIONS: 2 }),
  holds('no stale accept: both gateways watched, one revoke', 'safety', { ...BOTH_GATEWAYS, CRASHES: 0 })
]

/** More at a time than there is time and memory for at every change. */
export const WIDE: readonly Run[] = [
  { ...holds('no stale accept: a crash and a lost registry', 'safety', { CRASHES: 1, LOSSES: 1 }), isWide: true },
  { ...holds('no stale accept: both gateways watched, one revoke, one crash', 'safety', BOTH_GATEWAYS), isWide: true }
]

/** One rule broken each. */
export const MUTANTS: readonly Run[] = [
  broken('INCARNATION_NOT_CHECKED', 'announcements of a lost registry count in the new one', LOSS_BETWEEN),
  broken('FAILOVER_UNNOTICED', 'a failover keeps the incarnation, and its numbers are given twice', LOSS_BETWEEN),
  broken('TRUSTS_NEW_REGISTRY', 'the leases that a lost registry granted are not waited for', LOSS_BETWEEN),
  broken('NO_GENERATION_CHECK', 'an answer is kept although its session was announced meanwhile'),
  broken('NO_EPOCH_CHECK', 'an answer is kept although everything was flushed meanwhile'),
  broken('JOINS_OVERTAKEN_FLIGHT', 'a request joins a look-up sent before the announcement'),
  broken('JOINS_WITHOUT_LEASE', 'a request joins a look-up although there is no lease'),
  broken('TOMBSTONE_TOO_SHORT', 'an announcement is forgotten while an older look-up is under way'),
  broken('OVERFLOW_FORGETS', 'announcements too many to remember are forgotten silently'),
  broken('SERVES_WITHOUT_LEASE', 'the cache is used after the lease has run out'),
  broken('LEASE_FROM_REPLY', 'the lease is counted from the reply'),
  broken('WALL_CLOCK', 'the lease is counted by a clock that can be set back'),
  broken('NO_REPLAY', 'a renewal does not bring what was missed'),
  broken('GAP_IS_IGNORED', 'an announcement out of turn moves the sequence on'),
  broken('INCOMPLETE_IS_IGNORED', 'a reply that cannot tell all that was missed drops nothing'),
  broken('TRIMMED_LOG_IS_COMPLETE', 'the registry calls a log complete that no longer reaches back'),
  broken('ACKS_BEFORE_OBEYING', 'a gateway acknowledges first and drops the entry later'),
  broken('ANSWERS_BEFORE_ACKS', 'a revoke answers without waiting for acknowledgements'),
  broken('ONE_ACK_IS_ENOUGH', 'a revoke answers when one gateway has acknowledged'),
  broken('ANSWERS_BEFORE_WRITING', 'a revoke answers before the session has ended'),
  broken('ANNOUNCES_BEFORE_WRITING', 'a revoke announces before the session has ended'),
  broken('PENDING_WRITTEN_LATER', 'that a session is to be announced is not written in the script that ends it'),
  broken('ENDED_IS_ENOUGH', 'a revoke answers at once when it finds the session ended by another'),
  broken('DROPS_WITHOUT_MARK', 'a silent member is struck off although it has renewed'),
  broken('STALE_REPLICA', 'a look-up reads a replica that lags behind'),
  broken('TOUCH_REVIVES', 'a touch writes back a session that has ended meanwhile'),
  { ...broken('WAITS_FOR_EVER', 'a silent gateway is waited for without end', CALM), property: 'liveness' },
  { ...broken('NO_RELAY', 'nobody announces what a crash left pending', CRASH), property: 'liveness' }
]

/** Rules that the others make up for: broken alone, nothing is stale. They are kept for what the model leaves out. */
export const SPARE: readonly Run[] = [
  {
    ...holds('what was kept under a lease that ran out is kept for the next', 'safety', {
      ...CALM,
      KEEPS_CACHE_OVER_LAPSE: 1
    }),
    rule: 'KEEPS_CACHE_OVER_LAPSE'
  }
]

function holds(says: string, property: Run['property'], defines: Defines): Run {
  return { says, property, expected: 'holds', defines }
}

function broken(rule: string, says: string, faults: Defines = CALM): Run {
  return { rule, says, property: 'safety', expected: 'counterexample', defines: { ...faults, [rule]: 1 } }
}
