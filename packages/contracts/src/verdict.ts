import Type, { type Static } from 'typebox'
import { defineContract } from './define.ts'

/** What a change has made unsure: the verdicts of one session, of all sessions of a user, or all there are. */
export const VerdictItem = Type.Union([
  Type.Object({ kind: Type.Literal('session'), id: Type.String({ minLength: 1, maxLength: 128 }) }),
  Type.Object({ kind: Type.Literal('user'), id: Type.String({ minLength: 1, maxLength: 64 }) }),
  Type.Object({ kind: Type.Literal('everyone') })
])
export type VerdictItem = Static<typeof VerdictItem>

/** Whoever has more to announce at once names the user instead of the sessions. */
export const MAX_VERDICT_ITEMS = 100

/** Random, new with every start of a process that keeps verdicts. */
const MemberId = Type.String({ pattern: '^[A-Za-z0-9-]{8,64}$', maxLength: 64 })
/** Random; another one means that the registry was lost, with all members and numbers it knew. */
const Incarnation = Type.String({ maxLength: 64 })
const Sequence = Type.Integer({ minimum: 0 })
const LeaseMs = Type.Integer({ minimum: 1, maximum: 60_000 })

/** How verdicts that others keep are held to the truth: leases for the holders, announcements of every change. */
export const verdictContract = defineContract({
  renew: {
    subject: 'verdict.renew',
    request: Type.Object({
      member: MemberId,
      /** The incarnation and number up to which the holder has taken announcements; empty and 0 at first. */
      incarnation: Incarnation,
      seq: Sequence,
      leaseMs: LeaseMs,
      /** False asks for an announcement without items, to prove that announcements arrive at all. */
      heard: Type.Boolean()
    }),
    reply: Type.Object({
      incarnation: Incarnation,
      seq: Sequence,
      /** How long the holder may judge by what it keeps, counted from before it sent the request. */
      leaseMs: LeaseMs,
      /** False: `missed` is not all of it, so that nothing kept so far may be used. */
      complete: Type.Boolean(),
      missed: Type.Array(VerdictItem)
    }),
    errors: []
  },
  leave: {
    subject: 'verdict.leave',
    request: Type.Object({ member: MemberId }),
    reply: Type.Object({}),
    errors: []
  },
  announce: {
    subject: 'verdict.announce',
    request: Type.Object({ items: Type.Array(VerdictItem, { minItems: 1, maxItems: MAX_VERDICT_ITEMS }) }),
    /** Answered once no holder can judge by what it knew before the call. */
    reply: Type.Object({}),
    errors: []
  }
})

/** To all holders. Repeated until acknowledged; taking one twice does no harm. */
export const Announcement = Type.Object({
  incarnation: Incarnation,
  seq: Sequence,
  items: Type.Array(VerdictItem, { maxItems: MAX_VERDICT_ITEMS }),
  /** Subject of the acknowledgement; `null` where none is wanted. */
  acknowledgeTo: Type.Union([
    Type.String({ pattern: '^verdict\\.acknowledged\\.[A-Za-z0-9-]+$', maxLength: 100 }),
    Type.Null()
  ])
})
export type Announcement = Static<typeof Announcement>

/** The member has dropped what the announcement names, and will not take up an answer that is older. */
export const Acknowledgement = Type.Object({ incarnation: Incarnation, seq: Sequence, member: MemberId })
export type Acknowledgement = Static<typeof Acknowledgement>

/** Uses of sessions that were judged by a kept verdict: each session once, with its latest use. */
export const TouchBatch = Type.Object({
  touches: Type.Array(
    Type.Object({
      sessionId: Type.String({ maxLength: 128 }),
      userId: Type.String({ maxLength: 64 }),
      /** Before the batch was sent. An age rather than a time, since the clocks of two machines differ. */
      ageMs: Type.Integer({ minimum: 0 })
    })
  )
})
export type TouchBatch = Static<typeof TouchBatch>
export type Touch = TouchBatch['touches'][number]

/** Messages that nobody answers. An acknowledgement goes to its subject followed by the id of who asked for it. */
export const verdictMessages = {
  announced: { subject: 'verdict.announced', payload: Announcement },
  acknowledged: { subject: 'verdict.acknowledged', payload: Acknowledgement },
  touched: { subject: 'verdict.touched', payload: TouchBatch }
} as const
