/**
 * What was asked and what came of it, by one monotonic clock: that of the process that asks. A request begins before its
 * first byte is sent, and ends after the last byte of its answer has arrived. All times in milliseconds.
 */

interface Operation {
  readonly start: number
  readonly end: number
  /** Status, and the code of a refusal. */
  readonly detail: string
}

/**
 * `accepted` 2xx; `refused` 401 or 403; `unavailable` 503; `unknown` no answer, so that it may have happened;
 * `improper` anything else, which no document allows.
 */
export type Outcome = 'accepted' | 'refused' | 'unavailable' | 'unknown' | 'improper'

/** A request in the name of a session: by an access token of it, or one for the next pair of tokens. */
export interface Use extends Operation {
  readonly kind: 'use' | 'refresh'
  readonly session: string
  readonly gateway: number
  readonly outcome: Outcome
  /** Asked when everything was over, to see what is left. */
  readonly isProbe: boolean
  /** Of an access that was accepted: the change of the profile that the answer shows, 0 for none. */
  readonly change?: number
}

/** A change of the profile that was answered with success, as all before it were. They are numbered from 1 by their order. */
export interface Change {
  readonly sessions: readonly string[]
  readonly change: number
  readonly end: number
}

/**
 * `block`: the sessions are suspended, and their user is told so. `deletion`: nothing may be told of them. The event stream
 * is told of none of them either way.
 */
export type Measure = 'block' | 'deletion'

/** A request that ends sessions. `info`: it may have ended them, at any time from its start, or never. */
export interface End extends Operation {
  readonly route: string
  /** What is done to the user instead of ending each of the sessions. */
  readonly by?: Measure
  readonly sessions: readonly string[]
  readonly outcome: 'ok' | 'info'
}

/** Time in which something was broken on purpose, or the machine had no time for us. */
export interface Disturbance {
  readonly name: string
  readonly start: number
  readonly end: number
}

/** How the caches came back when the last fault was over. */
export interface Recovery {
  /** Until every gateway answered from memory again; `Infinity` when one did not. */
  readonly liveAfterMs: number
  /** Share of verdicts found in memory then. */
  readonly hitRatio: number
}

export interface History {
  readonly uses: readonly Use[]
  readonly ends: readonly End[]
  readonly changes: readonly Change[]
  readonly disturbances: readonly Disturbance[]
  readonly recovery: Recovery | undefined
  readonly gateways: number
}

/** When each session was certainly over: its first ending that was answered with success. */
export function findEnds(ends: readonly End[]): ReadonlyMap<string, number> {
  const over = new Map<string, number>()
  for (const { outcome, sessions, end } of ends) {
    if (outcome !== 'ok') continue
    for (const session of sessions) over.set(session, Math.min(end, over.get(session) ?? Number.POSITIVE_INFINITY))
  }
  return over
}
