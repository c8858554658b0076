/** Milliseconds; the monotonic one decides, the wall clock only tells of time that passed while the machine slept. */
export interface Clock {
  monotonicMs(): number
  wallMs(): number
}

export const systemClock: Clock = { monotonicMs: () => performance.now(), wallMs: () => Date.now() }

/** A process may lose the processor between the two readings: a difference has to show twice more to count. */
const READINGS = 3

/** Notices that wall clock and monotonic clock went apart: the machine slept, or somebody set the time. */
export class ClockGuard {
  readonly #clock: Clock
  readonly #toleranceMs: number
  #offset: number

  constructor(clock: Clock, toleranceMs: number) {
    this.#clock = clock
    this.#toleranceMs = toleranceMs
    this.#offset = clock.wallMs() - clock.monotonicMs()
  }

  /** True when the clocks have gone apart since `settle`. `now` is a reading of the monotonic clock just taken. */
  hasSlipped(now: number): boolean {
    if (Math.abs(this.#clock.wallMs() - now - this.#offset) <= this.#toleranceMs) return false
    return this.#hasSlippedFor(READINGS - 1)
  }

  /** Takes the clocks as they are; slow adjustment of the wall clock is no slip. */
  settle(): void {
    this.#offset = this.#clock.wallMs() - this.#clock.monotonicMs()
  }

  #hasSlippedFor(readings: number): boolean {
    for (let reading = 0; reading < readings; reading += 1) {
      const offset = this.#clock.wallMs() - this.#clock.monotonicMs()
      if (Math.abs(offset - this.#offset) <= this.#toleranceMs) return false
    }
    return true
  }
}
