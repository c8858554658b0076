import { hash } from 'node:crypto'

/** Of the tokens seen lately; they make most of the requests. */
const REMEMBERED = 1000

/**
 * What a token is kept under: its SHA-256, so that memory holds 32 bytes of a token instead of several hundred, and
 * hardly anything that could be presented. Hashing costs half a microsecond, so the keys of tokens that are seen again
 * and again are remembered: two maps take turns, and whatever is in neither is hashed anew.
 */
export class TokenKeys {
  readonly #seenOnce = new Set<string>()
  #younger = new Map<string, string>()
  #older = new Map<string, string>()

  find(token: string): string {
    const known = this.#younger.get(token)
    if (known !== undefined) return known
    const older = this.#older.get(token)
    const key = older ?? hash('sha256', token, 'binary')
    if (older !== undefined || this.#isSeenAgain(key)) this.#remember(token, key)
    return key
  }

  /** Many tokens in turn would only push one another out. */
  #isSeenAgain(key: string): boolean {
    if (this.#seenOnce.delete(key)) return true
    if (this.#seenOnce.size >= REMEMBERED) this.#seenOnce.clear()
    this.#seenOnce.add(key)
    return false
  }

  #remember(token: string, key: string): void {
    if (this.#younger.size >= REMEMBERED / 2) {
      this.#older = this.#younger
      this.#younger = new Map()
    }
    this.#younger.set(token, key)
  }
}
