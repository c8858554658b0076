const TICK_MS = 100
/** A timer is late by less than this where the process is no more than busy. */
const NOTABLE_MS = 250

export interface StallWatchOptions {
  /** Settles once everything is read that the server had sent when it was called, or is lost with the connection. */
  readonly roundTrip: () => Promise<void>
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number
}

/**
 * How long a message may have waited for this process to read it. One that was frozen, or kept from its sockets by work,
 * finds all at once what was sent to it meanwhile, also what its senders have given up and repeated elsewhere. No message
 * can say so itself: clocks of two machines differ.
 *
 * A pause is noticed by whatever comes first after it, a timer or a message: which of them does is not certain. From then on
 * any message may be as old as the pause, until a ping sent after the pause is answered: the answer arrives behind all
 * that had waited.
 *
 * Not seen is what waits elsewhere: on the network, in a server of NATS that hangs. Nor is a pause of the whole machine
 * during which its monotonic clock stands still.
 */
export class StallWatch {
  readonly #roundTrip: () => Promise<void>
  readonly #now: () => number
  readonly #timer: NodeJS.Timeout
  /** Beginnings of the pauses, oldest first, after which there may be something left to read. */
  readonly #stalls = new Set<number>()
  #turnedAtMs: number

  constructor({ roundTrip, now = () => performance.now() }: StallWatchOptions) {
    this.#roundTrip = roundTrip
    this.#now = now
    this.#turnedAtMs = now()
    this.#timer = setInterval(() => this.#turn(now()), TICK_MS)
    this.#timer.unref()
  }

  /** Of a message that is read now: so many milliseconds at most, 0 where there was no pause. */
  waitedMs(): number {
    const nowMs = this.#now()
    if (nowMs - this.#turnedAtMs > NOTABLE_MS) this.#turn(nowMs)
    const [oldest = nowMs] = this.#stalls
    return nowMs - oldest
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #turn(nowMs: number): void {
    const turnedAtMs = this.#turnedAtMs
    this.#turnedAtMs = nowMs
    if (nowMs - turnedAtMs <= NOTABLE_MS) return
    this.#stalls.add(turnedAtMs)
    const end = () => void this.#stalls.delete(turnedAtMs)
    this.#roundTrip().then(end, end)
  }
}
