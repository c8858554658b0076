import Type, { type Static } from 'typebox'
import { defineContract } from './define.ts'
import { Role, STATS_MINUTES, Timestamp, UserId } from './ids.ts'
import { Session } from './session-schema.ts'

/** Which sessions are meant; those that meet all that is given. `everyone` stands alone. */
export const SessionCriteria = Type.Object({
  userId: Type.Optional(UserId),
  /** The user's role, as the copy of the profile beside the sessions has it. */
  role: Type.Optional(Role),
  openedBefore: Type.Optional(Timestamp),
  lastSeenBefore: Type.Optional(Timestamp),
  /** An address, or a network as `10.0.0.0/8` or `2001:db8::/32`, that the session was opened from. */
  ip: Type.Optional(Type.String({ minLength: 2, maxLength: 49 })),
  /** Part of the user agent that the session was opened by, in small or capital letters. */
  userAgent: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
  everyone: Type.Optional(Type.Literal(true))
})
export type SessionCriteria = Static<typeof SessionCriteria>

const Count = Type.Integer({ minimum: 0 })
const DurationMs = Type.Union([Type.Number({ minimum: 0 }), Type.Null()])

/** What admins do to the sessions of many users at once, and what they see of all. Served by the session service. */
export const sessionAdminContract = defineContract({
  end: {
    subject: 'session_admin.end',
    request: Type.Object({
      /** The admin who ends them. */
      actorId: UserId,
      criteria: SessionCriteria,
      /** Counts, and ends nothing. */
      dryRun: Type.Boolean()
    }),
    reply: Type.Object({
      matched: Count,
      ended: Count,
      /** Some of the sessions that matched, as they were found. */
      sample: Type.Array(Session, { maxItems: 10 })
    }),
    /** Without a criterion, with another one beside `everyone`, or with one that is no address. */
    errors: ['invalid_request']
  },
  getStats: {
    subject: 'session_admin.get_stats',
    request: Type.Object({}),
    reply: Type.Object({
      /** One that ended by itself, unnoticed, is counted for up to a hundredth of its lifetime longer. */
      liveSessions: Count,
      /** Of all points together. */
      signIns: Count,
      /**
       * From the announcement of a change until no holder judges by what was true before. `null` where there was none;
       * up to a quarter too long, as durations are kept by class.
       */
      revokeLatencyMs: Type.Object({ p50: DurationMs, p99: DurationMs }),
      points: Type.Array(Type.Object({ at: Timestamp, signIns: Count, revokeP99Ms: DurationMs }), {
        minItems: STATS_MINUTES,
        maxItems: STATS_MINUTES
      })
    }),
    errors: []
  }
})
