import Type, { type Static } from 'typebox'
import { Attempt } from './attempts.ts'
import { defineContract } from './define.ts'
import { BlockReason, Cursor, Limit, Nullable, Page, STATS_MINUTES, Timestamp, UserId } from './ids.ts'
import { PlatformEntry, Position, RecordedEntry, TimelineEntry, TimelineKind } from './timeline.ts'

export const Status = Type.Object({
  state: Type.Union([Type.Literal('active'), Type.Literal('blocked')]),
  lastActiveAt: Nullable(Timestamp),
  /**
   * From when on a request is too late and blocks the user. `null` where no window runs: inactivity blocking is off, or
   * the user is blocked, or has done nothing yet (since the block).
   */
  activeUntil: Nullable(Timestamp),
  blockedUntil: Nullable(Timestamp),
  reason: Nullable(BlockReason)
})
export type Status = Static<typeof Status>

const Count = Type.Integer({ minimum: 0 })

export const activityContract = defineContract({
  /**
   * Judges whether the user may act now, in one atomic step with what follows from it: a request inside the window
   * moves it on, the first one after it begins the block, a sign-in starts a window.
   */
  admit: {
    subject: 'activity.admit',
    request: Type.Object({
      userId: UserId,
      /** `background` is judged like a request but is no activity: it neither moves the window nor begins a block. */
      purpose: Type.Union([Type.Literal('request'), Type.Literal('sign_in'), Type.Literal('background')]),
      /** The attempt that was right, settled on the way. */
      attempt: Type.Optional(Attempt)
    }),
    reply: Type.Object({
      lastActiveAt: Nullable(Timestamp),
      activeUntil: Nullable(Timestamp),
      /** How long until a request would be too late, by the store's clock; `null` where no window runs. */
      activeForMs: Nullable(Type.Integer({ minimum: 0 })),
      /** How far from now activity moves that moment; `null` where inactivity blocking is off. */
      windowMs: Nullable(Type.Integer({ minimum: 0 }))
    }),
    errors: ['user_blocked']
  },
  getStatus: {
    subject: 'activity.get_status',
    request: Type.Object({ userId: UserId }),
    reply: Status,
    errors: []
  },
  listTimeline: {
    subject: 'activity.list_timeline',
    request: Type.Object({
      userId: UserId,
      kind: Nullable(TimelineKind),
      limit: Limit,
      cursor: Nullable(Cursor)
    }),
    reply: Page(TimelineEntry),
    errors: ['invalid_request'],
    openList: 'items'
  },
  /** What was recorded for a user after a position, oldest first: for whoever has seen all before it. */
  listRecorded: {
    subject: 'activity.list_recorded',
    request: Type.Object({
      userId: UserId,
      /** `null` asks for nothing but the position of now. */
      after: Nullable(Position),
      limit: Limit
    }),
    reply: Type.Object({
      items: Type.Array(RecordedEntry),
      /** Where to go on: that of the last item, or of the newest entry there is. */
      position: Position,
      hasMore: Type.Boolean(),
      /** Whether what followed the position may be gone, so that more has happened than is told here. */
      hasGap: Type.Boolean()
    }),
    errors: [],
    openList: 'items'
  },
  /** What happened to anybody, newest first. */
  listEvents: {
    subject: 'activity.list_events',
    request: Type.Object({
      userId: Nullable(UserId),
      kind: Nullable(TimelineKind),
      /** From this moment on, and before that one. */
      from: Nullable(Timestamp),
      to: Nullable(Timestamp),
      limit: Limit,
      cursor: Nullable(Cursor)
    }),
    reply: Page(PlatformEntry),
    errors: ['invalid_request'],
    openList: 'items'
  },
  /** What was counted as it happened, in each of the last minutes, the running one last. */
  getStats: {
    subject: 'activity.get_stats',
    request: Type.Object({}),
    reply: Type.Object({
      /** Different users, of all points together. */
      activeUsers: Count,
      /** Wrong passwords of known users. */
      failures: Count,
      /** Blocks that began. */
      blocked: Count,
      points: Type.Array(Type.Object({ at: Timestamp, activeUsers: Count, failures: Count, blocked: Count }), {
        minItems: STATS_MINUTES,
        maxItems: STATS_MINUTES
      })
    }),
    errors: []
  },
  listLastActive: {
    subject: 'activity.list_last_active',
    request: Type.Object({ userIds: Type.Array(UserId, { maxItems: 100 }) }),
    /** In the order of the ids. */
    reply: Type.Object({ times: Type.Array(Nullable(Timestamp), { maxItems: 100 }) }),
    errors: []
  },
  erase: {
    subject: 'activity.erase',
    /**
     * Forgets all there is about a user who is deleted, their events in the stream included. What still arrives about
     * that user is dropped, for longer than the stream keeps anything. A repetition goes on where the call before stopped.
     */
    request: Type.Object({ userId: UserId }),
    reply: Type.Object({}),
    errors: []
  }
})

/** To whoever listens, of every user: that something was recorded, for `listRecorded` to tell. Repeating it is harmless. */
export const activityMessages = {
  recorded: { subject: 'activity.recorded', payload: Type.Object({ userId: UserId }) }
} as const
