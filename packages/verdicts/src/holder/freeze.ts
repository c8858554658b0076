/** Strings seen lately: many verdicts say the same (user agents, times, the user's id twice). */
const POOL_SIZE = 4096

/** Freezes verdicts, and lets those that say the same in words share the words. */
export class Freezer {
  readonly #pool = new Map<string, string>()

  /** Freezes a value of JSON all the way down, so that no request can alter what the next one is handed. */
  freeze<T>(value: T): T {
    if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
    for (const [key, inner] of Object.entries(value)) {
      if (typeof inner === 'string') Reflect.set(value, key, this.#share(inner))
      else this.freeze(inner)
    }
    return Object.freeze(value)
  }

  #share(text: string): string {
    const known = this.#pool.get(text)
    if (known !== undefined) return known
    if (this.#pool.size >= POOL_SIZE) this.#pool.clear()
    this.#pool.set(text, text)
    return text
  }
}
