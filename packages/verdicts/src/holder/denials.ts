import type { ErrorCode, Failure } from '@latchkey/contracts/errors'

interface Denial<E extends ErrorCode> {
  readonly failure: Failure<E>
  readonly until: number
}

const CAPACITY = 10_000
/** A session that is not known may have been looked for too early. */
const UNKNOWN_MS = 1000

/** Tokens that were refused for a reason which stays: floods of them ask nobody. A mere fault is never one. */
export class Denials<E extends ErrorCode> {
  readonly #byKey = new Map<string, Denial<E>>()

  get size(): number {
    return this.#byKey.size
  }

  remember(key: string, failure: Failure<E>, now: number): void {
    const lifetimeMs = lifetimeOf(failure.code)
    if (lifetimeMs === 0) return
    if (this.#byKey.size >= CAPACITY) this.#byKey.clear()
    this.#byKey.set(key, { failure, until: now + lifetimeMs })
  }

  find(key: string, now: number): Failure<E> | undefined {
    const denial = this.#byKey.get(key)
    if (denial === undefined) return undefined
    if (now < denial.until) return denial.failure
    this.#byKey.delete(key)
    return undefined
  }
}

function lifetimeOf(code: ErrorCode): number {
  if (code === 'session_ended') return Number.POSITIVE_INFINITY
  return code === 'token_invalid' ? UNKNOWN_MS : 0
}
