import { hash } from 'node:crypto'

/** Of the tokens seen lately; they make most of the requests. */
const REMEMBERED = 1000

/**
 * What a token is kept under: its SHA-256, so that memory holds 32 bytes of a token instead of several hundred, and
 * hardly anything that could be presented. Hashing costs half a microsecond, so the keys of tokens seen lately are
 * remembered: two maps take turns, and whatever is in neither is hashed again.
 */
export class TokenKeys {
  #younger = new Map<string, string>()
  #older = new Map<string, string>()

  find(token: string): string {
    const known = this.#younger.get(token)
    if (known !== undefined) return known
    const key = this.#older.get(token) ?? hash('sha256', token, 'binary')
    if (this.#younger.size >= REMEMBERED / 2) {
      this.#older = this.#younger
      this.#younger = new Map()
    }
    this.#younger.set(token, key)
    return key
  }
}
