export interface StoreClockOptions {
  /** What a person calls the store: `Redis`. */
  readonly store: string
  /** The time by the store's clock, in milliseconds since 1970. Rejects where the store does not tell. */
  readonly read: () => Promise<number>
  /** How far this machine's clock may be from the store's. */
  readonly toleranceMs: number
  readonly log: { info(fields: object, text: string): void; warn(fields: object, text: string): void }
  /** This machine's clocks, in milliseconds; those of the system unless a test has others. */
  readonly machine?: MachineClocks
}

export interface MachineClocks {
  monotonicMs(): number
  /** Since 1970; anybody may set it. */
  wallMs(): number
}

export interface StoreClock {
  /**
   * Whole milliseconds since 1970: by this machine's clock while that is tolerably near the store's, which is known less
   * exactly than two clocks that are kept right differ, so that what follows one another stays in order; else by the store's.
   */
  nowMs(): number
  /** By the store's clock, whatever becomes of this machine's; `undefined` until the store has told. */
  knownMs(): number | undefined
  /** Throws while this machine's clock is further from the store's than is tolerated. */
  check(): void
  /** Asks now and then, until `stop`; in between the monotonic clock counts on. */
  start(): void
  stop(): void
  /** Asks once. Never rejects: what the store told last is good for long. */
  look(): Promise<void>
}

const LOOK_MS = 1000
/** When an answer that took longer was given is not known well enough. */
const LONGEST_ANSWER_MS = 1000

const systemClocks: MachineClocks = { monotonicMs: () => performance.now(), wallMs: () => Date.now() }

/**
 * What all replicas compare times with is the clock of the store that they share: not this machine's, which somebody may
 * set or which nobody keeps right. That this one is wrong is told all the same, since logs, and whoever reads them, go by it.
 */
export function createStoreClock(options: StoreClockOptions): StoreClock {
  return new WatchedClock(options, options.machine ?? systemClocks)
}

class WatchedClock implements StoreClock {
  readonly #options: StoreClockOptions
  readonly #machine: MachineClocks
  /** From the monotonic clock to the store's. */
  #offsetMs: number | undefined
  #uncertaintyMs = 0
  #isTold = false
  #underWay: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: StoreClockOptions, machine: MachineClocks) {
    this.#options = options
    this.#machine = machine
  }

  nowMs(): number {
    const wallMs = this.#machine.wallMs()
    const knownMs = this.knownMs() ?? wallMs
    return this.#isTooMuch(wallMs - knownMs) ? knownMs : wallMs
  }

  knownMs(): number | undefined {
    return this.#offsetMs === undefined ? undefined : Math.floor(this.#machine.monotonicMs() + this.#offsetMs)
  }

  check(): void {
    const skewMs = this.#findSkew()
    if (this.#isTooMuch(skewMs)) throw new Error(`the clock is ${skewMs} ms ahead of that of ${this.#options.store}`)
  }

  start(): void {
    void this.look()
    this.#timer = setInterval(() => void this.look(), LOOK_MS)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  look(): Promise<void> {
    this.#underWay ??= this.#ask().finally(() => {
      this.#underWay = undefined
    })
    return this.#underWay
  }

  async #ask(): Promise<void> {
    const askedAt = this.#machine.monotonicMs()
    const storeMs = await this.#options.read().catch(() => undefined)
    const tookMs = this.#machine.monotonicMs() - askedAt
    if (storeMs !== undefined && tookMs <= LONGEST_ANSWER_MS) {
      this.#offsetMs = storeMs - (askedAt + tookMs / 2)
      this.#uncertaintyMs = tookMs / 2
    }
    this.#tell()
  }

  #findSkew(): number {
    const wallMs = this.#machine.wallMs()
    return Math.round(wallMs - (this.knownMs() ?? wallMs))
  }

  #isTooMuch(skewMs: number): boolean {
    return Math.abs(skewMs) > this.#options.toleranceMs + this.#uncertaintyMs
  }

  /** The log hears of a change, not of each look. */
  #tell(): void {
    const { store, toleranceMs, log } = this.#options
    const skewMs = this.#findSkew()
    const isTooMuch = this.#isTooMuch(skewMs)
    if (isTooMuch === this.#isTold) return
    this.#isTold = isTooMuch
    if (isTooMuch) log.warn({ skewMs, toleranceMs }, `the clock of this machine is not that of ${store}`)
    else log.info({ skewMs }, `the clock of this machine is that of ${store} again`)
  }
}
