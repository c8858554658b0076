import { hash } from 'node:crypto'

interface Remembered {
  readonly token: string
  readonly key: string
}

/** A power of two, so that a place is a few bits. */
const PLACES = 256

/**
 * What a token is kept under: its SHA-256, so that memory holds 32 bytes of a token instead of several hundred. Hashing
 * costs half a microsecond, so the token that was last seen at each of some places is remembered with its key: whoever
 * asks again and again is found by comparing, and many in turn cost no more than a look at the wrong place. Those few are
 * all that could be presented.
 */
export class TokenKeys {
  readonly #places: (Remembered | undefined)[] = new Array(PLACES).fill(undefined)

  find(token: string): string {
    const place = placeOf(token)
    const known = this.#places[place]
    if (known?.token === token) return known.key
    const key = hash('sha256', token, 'binary')
    this.#places[place] = { token, key }
    return key
  }

  forget(): void {
    this.#places.fill(undefined)
  }
}

/** By two of the last characters, which are the signature's and thus evenly spread; the very last holds few bits. */
function placeOf(token: string): number {
  const { length } = token
  return ((token.charCodeAt(length - 2) << 4) ^ token.charCodeAt(length - 3)) & (PLACES - 1)
}
