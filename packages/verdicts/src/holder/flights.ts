import type { ErrorCode, Result } from '@latchkey/contracts/errors'
import type { Found } from './options.ts'

/** What was true when a look-up was sent: its answer may be kept and shared while nothing of it has changed. */
export interface Capture {
  readonly sentAt: number
  /** Counts the times everything was dropped. */
  readonly epoch: number
  /** Counts announcements. */
  readonly count: number
}

export type Outcome<V, E extends ErrorCode> =
  | { readonly kind: 'answered'; readonly result: Result<V, E> }
  /** The answer is older than an announcement about it. */
  | { readonly kind: 'overtaken' }

export interface Flight<V, E extends ErrorCode> {
  readonly capture: Capture
  readonly activity: boolean
  readonly outcome: Promise<Outcome<V, E>>
}

/** Look-ups under way by the keys of their tokens, for requests that may wait for the answer to another's. */
export class Flights<V, E extends ErrorCode> {
  readonly #byKey = new Map<string, Flight<V, E>>()

  /** An active request does not wait for a background one, which is judged by other rules. */
  find(key: string, activity: boolean): Flight<V, E> | undefined {
    const flight = this.#byKey.get(key)
    return flight !== undefined && (flight.activity || !activity) ? flight : undefined
  }

  add(key: string, flight: Flight<V, E>): void {
    this.#byKey.set(key, flight)
    const land = () => {
      if (this.#byKey.get(key) === flight) this.#byKey.delete(key)
    }
    flight.outcome.then(land, land)
  }

  clear(): void {
    this.#byKey.clear()
  }
}

/** What a look-up comes back with. */
export type LookedUp<V, E extends ErrorCode> = Result<Found<V>, E>
