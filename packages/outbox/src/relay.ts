import { LaneWaiters } from './lane-waiters.ts'

/** What a relay tells the log; any logger of the platform fits. */
export interface RelayLog {
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
  error(fields: object, text: string): void
}

/** What is written and has not left. */
export interface Backlog {
  readonly events: number
  /** Of the oldest of them; 0 where there is none. */
  readonly oldestAgeMs: number
}

export interface PendingLanes extends Backlog {
  readonly lanes: readonly string[]
}

/** What was read longer ago may have been relayed by another replica, too long ago for the stream to notice. */
export const MAX_BATCH_AGE_MS = 30_000

/** An outbox as a set of lanes: within one, events leave in the order they were written. */
export interface Lanes {
  /** Empties a lane: resolves when nothing is left or `signal` is aborted, rejects when store or broker fails. */
  readonly drain: (lane: string, signal: AbortSignal) => Promise<void>
  /** The lanes that may hold something, for what a crash, or a nudge that never came, has left behind. */
  readonly listPending: () => Promise<PendingLanes>
}

export interface Relay {
  /** Empties the lane soon. Cheap, never fails, and many calls are as good as one. */
  nudge(lane: string): void
  /** Sends what is already on its way, for a short while at most, and resolves; the rest waits for the next start. */
  stop(): Promise<void>
  /** As it was seen a few seconds ago, when the relay last looked. */
  readonly backlog: Backlog
}

export interface FlushableRelay extends Relay {
  /** Whether, within so many milliseconds, nothing is left in the lane of what was there at the time of this call. */
  flush(lane: string, withinMs: number): Promise<boolean>
  /** Callers of `flush` that have no answer yet. */
  readonly waiting: number
}

export interface WakeableRelay extends FlushableRelay {
  /** Store or broker is there again: looks and tries at once rather than when the next delay is over. */
  wake(): void
}

const MAX_CONCURRENT_LANES = 16
const SWEEP_INTERVAL_MS = 3000
const FIRST_RETRY_DELAY_MS = 100
const LAST_RETRY_DELAY_MS = 5000
const STOP_TIMEOUT_MS = 3000
/** Stands for the sweep where lanes are counted. */
const SWEEP = '*'

/**
 * Empties lanes as they are nudged, and all of them now and then. A lane that fails is tried again with growing
 * delays while the others go on; the log hears of the first failure and of the end of the last.
 */
export function startRelay(lanes: Lanes, log: RelayLog): WakeableRelay {
  return new LaneRelay(lanes, log)
}

interface Retry {
  readonly attempt: number
  timer: NodeJS.Timeout | undefined
}

class LaneRelay implements WakeableRelay {
  readonly #lanes: Lanes
  readonly #log: RelayLog
  readonly #queued = new Set<string>()
  readonly #underWay = new Map<string, Promise<void>>()
  /** Told once a look that had not begun when they came finds their lane empty. */
  readonly #waiting = new LaneWaiters()
  readonly #failing = new Map<string, Retry>()
  readonly #stopped = new AbortController()
  readonly #expired = new AbortController()
  #sweepTimer: NodeJS.Timeout | undefined
  #sweeping: Promise<void>
  backlog: Backlog = { events: 0, oldestAgeMs: 0 }

  constructor(lanes: Lanes, log: RelayLog) {
    this.#lanes = lanes
    this.#log = log
    this.#sweeping = this.#sweep()
  }

  nudge(lane: string): void {
    if (this.#stopped.signal.aborted || this.#failing.get(lane)?.timer !== undefined) return
    this.#queued.add(lane)
    this.#pump()
  }

  async flush(lane: string, withinMs: number): Promise<boolean> {
    const flushed = this.#waiting.wait(lane, withinMs)
    this.nudge(lane)
    return await flushed
  }

  get waiting(): number {
    return this.#waiting.size
  }

  wake(): void {
    if (this.#stopped.signal.aborted) return
    if (this.#sweepTimer !== undefined) {
      clearTimeout(this.#sweepTimer)
      this.#beginSweep()
    }
    for (const [lane, retry] of this.#failing) {
      if (retry.timer === undefined) continue
      clearTimeout(retry.timer)
      retry.timer = undefined
      this.nudge(lane)
    }
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    clearTimeout(this.#sweepTimer)
    for (const { timer } of this.#failing.values()) clearTimeout(timer)
    const expiry = setTimeout(() => this.#expired.abort(), STOP_TIMEOUT_MS)
    const expired = new Promise<void>((resolve) => {
      this.#expired.signal.addEventListener('abort', () => resolve(), { once: true })
    })
    await Promise.race([this.#idle(), expired])
    clearTimeout(expiry)
  }

  async #idle(): Promise<void> {
    await this.#sweeping
    while (this.#underWay.size > 0) await Promise.all(this.#underWay.values())
  }

  #pump(): void {
    for (const lane of this.#queued) {
      if (this.#underWay.size >= MAX_CONCURRENT_LANES || this.#expired.signal.aborted) return
      if (this.#underWay.has(lane)) continue
      this.#queued.delete(lane)
      this.#underWay.set(lane, this.#run(lane))
    }
  }

  async #run(lane: string): Promise<void> {
    const waiting = this.#waiting.of(lane)
    try {
      await this.#lanes.drain(lane, this.#expired.signal)
      this.#recover(lane)
      if (!this.#expired.signal.aborted) for (const tell of waiting) tell(true)
    } catch (err) {
      this.#fail(lane, err)
    }
    this.#underWay.delete(lane)
    this.#pump()
  }

  #beginSweep(): void {
    this.#sweepTimer = undefined
    this.#sweeping = this.#sweep()
  }

  async #sweep(): Promise<void> {
    try {
      const pending = await this.#lanes.listPending()
      this.backlog = { events: pending.events, oldestAgeMs: pending.oldestAgeMs }
      this.#recover(SWEEP)
      for (const lane of pending.lanes) this.nudge(lane)
    } catch (err) {
      this.#fail(SWEEP, err)
    }
    if (this.#stopped.signal.aborted) return
    // Replicas started together shall not sweep together.
    const delayMs = SWEEP_INTERVAL_MS * (0.8 + Math.random() * 0.4)
    this.#sweepTimer = setTimeout(() => this.#beginSweep(), delayMs)
  }

  #fail(lane: string, err: unknown): void {
    if (this.#stopped.signal.aborted) return
    if (this.#failing.size === 0) this.#log.warn({ err }, 'events wait in the outbox')
    const attempt = (this.#failing.get(lane)?.attempt ?? 0) + 1
    const delayMs = Math.min(FIRST_RETRY_DELAY_MS * 2 ** (attempt - 1), LAST_RETRY_DELAY_MS)
    const retry: Retry = { attempt, timer: undefined }
    this.#failing.set(lane, retry)
    if (lane === SWEEP) return
    retry.timer = setTimeout(() => {
      retry.timer = undefined
      this.nudge(lane)
    }, delayMs)
  }

  #recover(lane: string): void {
    if (this.#failing.delete(lane) && this.#failing.size === 0) this.#log.info({}, 'events leave the outbox again')
  }
}
