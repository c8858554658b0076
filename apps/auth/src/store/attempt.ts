import type { Availability } from '../availability.ts'
import { StoreUnavailable, UnstorableText } from '../domain/ports.ts'
import { classifyFailure } from './failures.ts'

/** Runs a piece of work against the database, again where two transactions got in each other's way. */
export type Attempt = <T>(run: () => Promise<T>) => Promise<T>

const MAX_ATTEMPTS = 3

/** Throws what the ports promise: `StoreUnavailable`, `UnstorableText`, or the error itself if it is neither. */
export function createAttempt(availability: Availability): Attempt {
  return async (run) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const value = await run()
        availability.up()
        return value
      } catch (err) {
        const failure = classifyFailure(err)
        if (failure === 'conflict' && attempt < MAX_ATTEMPTS) continue
        if (failure === 'text') throw new UnstorableText('the store cannot hold this text', { cause: err })
        if (failure === undefined) throw err
        availability.down(err)
        throw new StoreUnavailable('the store does not answer', { cause: err })
      }
    }
  }
}

/** As `attempt`, and tells of it when the work is done; of work that failed nobody is told. */
export function thenTell(attempt: Attempt, ...listeners: readonly (() => void)[]): Attempt {
  return async (run) => {
    const value = await attempt(run)
    for (const listener of listeners) listener()
    return value
  }
}
