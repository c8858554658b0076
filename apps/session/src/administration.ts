import type { Handlers } from '@latchkey/contracts/define'
import type { sessionAdminContract } from '@latchkey/contracts/session-admin'
import type { Logger } from '@latchkey/runtime/logger'
import { createAdminHandlers } from './admin-handlers.ts'
import { createAnnouncementCounter } from './announcement-counter.ts'
import type { AnnounceShards } from './domain/announcement-ports.ts'
import type { AskingOptions } from './store/ask-shard.ts'
import { createBulkSessions } from './store/bulk-sessions.ts'
import { createSessionCounts } from './store/session-counts.ts'
import { startSweep } from './sweep.ts'

export interface Administration {
  /** Told how long each announcement took. */
  readonly noteAnnounced: (durationMs: number) => void
  createHandlers(announceShards: AnnounceShards): Handlers<typeof sessionAdminContract>
  stop(): Promise<void>
}

/** What concerns the sessions of all users: ending many at once, what follows from that, and counting them. */
export function openAdministration(options: Omit<AskingOptions, 'log'> & { readonly log: Logger }): Administration {
  const { lifetimes, log } = options
  const bulk = createBulkSessions(options)
  const counts = createSessionCounts(options)
  const announcements = createAnnouncementCounter(counts, log)
  const sweep = startSweep(bulk, log)
  return {
    noteAnnounced: announcements.note,
    createHandlers: (announceShards) =>
      createAdminHandlers({ bulk, counts, announceShards, lifetimes, nudgeSweep: sweep.nudge }),
    stop: async () => {
      await sweep.stop()
      await announcements.stop()
    }
  }
}
