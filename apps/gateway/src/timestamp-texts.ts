/** A power of two, so that a place is a few bits: more than the milliseconds of a second. */
const PLACES = 1024

/** Times as text. Writing one costs as much as all else about an answer: those of the last second are remembered. */
export class TimestampTexts {
  readonly #times = new Float64Array(PLACES).fill(Number.NaN)
  readonly #texts: string[] = new Array(PLACES).fill('')

  /** `timeMs` is a whole number of milliseconds since 1970. */
  at(timeMs: number): string {
    const place = timeMs % PLACES
    if (this.#times[place] !== timeMs) {
      this.#times[place] = timeMs
      this.#texts[place] = new Date(timeMs).toISOString()
    }
    return this.#texts[place] ?? ''
  }
}
