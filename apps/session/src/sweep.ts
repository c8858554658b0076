import type { Logger } from '@latchkey/runtime/logger'
import type { BulkSessions } from './domain/admin-ports.ts'
import { sweepShard } from './domain/sweep-everyone.ts'

export interface Sweep {
  /** There is something to do now. */
  nudge(): void
  stop(): Promise<void>
}

const INTERVAL_MS = 60_000

/**
 * Goes through the shards whose sessions have all been ended, one after the other, whoever ended them: also what a crash
 * has left is made known within a minute. Every replica may do so, since what has been done is not done again.
 */
export function startSweep(bulk: BulkSessions, log: Logger): Sweep {
  const stopped = new AbortController()
  let underWay: Promise<void> | undefined
  let isNudged = false

  const sweep = async (): Promise<void> => {
    try {
      for (const shard of bulk.shards) {
        if (stopped.signal.aborted) return
        await sweepShard(bulk, shard, stopped.signal)
      }
    } catch (err) {
      log.debug({ err }, 'sweep is put off')
    }
  }
  const begin = (): void => {
    if (stopped.signal.aborted) return
    isNudged = underWay !== undefined
    underWay ??= sweep().finally(() => {
      underWay = undefined
      if (isNudged) begin()
    })
  }
  const timer = setInterval(begin, INTERVAL_MS)
  timer.unref()
  return {
    nudge: begin,
    stop: async () => {
      clearInterval(timer)
      stopped.abort()
      await underWay
    }
  }
}
