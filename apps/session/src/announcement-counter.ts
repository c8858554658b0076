import type { Logger } from '@latchkey/runtime/logger'
import { classOf } from './domain/duration-classes.ts'
import type { SessionCountStore } from './store/session-counts.ts'

export interface AnnouncementCounter {
  note(durationMs: number): void
  stop(): Promise<void>
}

const FLUSH_MS = 1000

/** Counts how long announcements take, for the statistics: in the store once a second, however many there are. */
export function createAnnouncementCounter(
  store: Pick<SessionCountStore, 'noteAnnounced'>,
  log: Logger
): AnnouncementCounter {
  let countByClass = new Map<number, number>()
  const flush = async (): Promise<void> => {
    if (countByClass.size === 0) return
    const counted = countByClass
    countByClass = new Map()
    // What the store does not take is missing in a chart, no more.
    await store
      .noteAnnounced(counted)
      .catch((err: unknown) => log.debug({ err }, 'durations of announcements are not counted'))
  }
  const timer = setInterval(flush, FLUSH_MS)
  timer.unref()
  return {
    note: (durationMs) => {
      const durationClass = classOf(durationMs)
      countByClass.set(durationClass, (countByClass.get(durationClass) ?? 0) + 1)
    },
    stop: async () => {
      clearInterval(timer)
      await flush()
    }
  }
}
