import Type, { type Static } from 'typebox'
import { defineContract } from './define.ts'
import { ClientInfo, DeviceId, Nullable, UserId } from './ids.ts'

/** Whose secret is tried: a user's id, or the digest that stands for an identifier which nobody has. */
export const TriedAccount = Type.String({ pattern: '^[0-9a-f-]{32,36}$', maxLength: 36 })
export type TriedAccount = Static<typeof TriedAccount>

/** Where somebody is who tries. */
const Origin = Type.Object({ ipAddress: ClientInfo.properties.ipAddress, deviceId: Nullable(DeviceId) })

/** An attempt that was let through, as `settle` wants it back. */
export const Attempt = Type.Object({
  account: Nullable(TriedAccount),
  /** Which of the account's budgets it was taken from. */
  budget: Type.String({ maxLength: 32 }),
  /** What the account will know this place by, once a secret was right there. */
  places: Type.Array(Type.String({ maxLength: 32 }), { maxItems: 2 }),
  /** `null` where no source pays for it. */
  source: Nullable(Type.String({ maxLength: 64 }))
})
export type Attempt = Static<typeof Attempt>

/** `void`: it was not judged after all, and counts for nothing. */
export const AttemptOutcome = Type.Union([Type.Literal('right'), Type.Literal('wrong'), Type.Literal('void')])
export type AttemptOutcome = Static<typeof AttemptOutcome>

/**
 * How often a secret may be tried; served by activity. An attempt is taken before it is judged, and settled after, so that
 * any number at once are no more than one after the other. One that is never settled counts as wrong.
 */
export const attemptsContract = defineContract({
  take: {
    subject: 'attempts.take',
    request: Type.Union([
      /** By somebody who is signed in: they have a budget that nobody else uses up. */
      Type.Object({ account: TriedAccount, origin: Type.Null() }),
      /** Without an account it is at identifiers, and its source alone pays. */
      Type.Object({ account: Nullable(TriedAccount), origin: Origin })
    ]),
    /** `null`: the rest of the budget is being judged right now. Whoever still has time asks again. */
    reply: Type.Object({ attempt: Nullable(Attempt) }),
    errors: ['too_many_attempts']
  },
  settle: {
    subject: 'attempts.settle',
    request: Type.Object({ attempt: Attempt, outcome: AttemptOutcome }),
    reply: Type.Object({}),
    errors: []
  },
  /** The user has proved in another way who they are: all budgets of the account begin anew. */
  forgive: {
    subject: 'attempts.forgive',
    request: Type.Object({ userId: UserId }),
    reply: Type.Object({}),
    errors: []
  }
})
