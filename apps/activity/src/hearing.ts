import { setInterval } from 'node:timers'
import { type HearingNotes, StoreUnavailable } from './domain/ports.ts'

export interface HearingOptions {
  readonly notes: HearingNotes
  /** Whether uses can be heard of: the connection they come by stands. */
  readonly isConnected: () => boolean
  readonly monotonicMs?: () => number
}

export interface Hearing {
  /**
   * Since when all uses have been heard of, as far as anybody knows; in ms since 1970, by the store's clock. `Infinity`
   * where that cannot be said now.
   */
  findSince(): Promise<number>
  /** Some uses were heard of, and could not be noted. */
  noteLoss(): void
  start(): void
  stop(): void
}

const NOTE_MS = 500
/** Longer than a machine that is busy is late; what has gone unheard for a shorter time is made up for by the next uses. */
const GAP_MS = 2500

/**
 * While this service, its store or the bus is away, people are let in and nobody hears of it. Nobody may be blocked for a
 * silence in which they may have been active. So it is noted in the store that somebody listens, and where that has a gap
 * all windows start anew with its end. One replica that listens is enough: each batch goes to one that does.
 */
export function createHearing({ notes, isConnected, monotonicMs = () => performance.now() }: HearingOptions): Hearing {
  let known: { readonly sinceMs: number; readonly atMs: number } | undefined
  let hasLost = false
  let underWay: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  const note = async (): Promise<void> => {
    const [lost, atMs] = [hasLost, monotonicMs()]
    hasLost = false
    try {
      known = { sinceMs: await notes.note({ gapMs: GAP_MS, hasLost: lost }), atMs }
    } catch (err) {
      hasLost ||= lost
      if (!(err instanceof StoreUnavailable)) throw err
    }
  }
  const noteOnce = (): Promise<void> => {
    underWay ??= note().finally(() => {
      underWay = undefined
    })
    return underWay
  }
  const isFresh = () => known !== undefined && !hasLost && monotonicMs() - known.atMs < GAP_MS

  return {
    findSince: async () => {
      if (!isFresh() && isConnected()) await noteOnce()
      return isFresh() && known !== undefined ? known.sinceMs : Number.POSITIVE_INFINITY
    },
    noteLoss: () => {
      hasLost = true
    },
    start: () => {
      timer = setInterval(() => void (isConnected() && noteOnce()), NOTE_MS)
      timer.unref()
    },
    stop: () => clearInterval(timer)
  }
}
