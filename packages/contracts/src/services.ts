import { accountsContract } from './accounts.ts'
import { activityContract, activityMessages } from './activity.ts'
import { adminContract } from './admin.ts'
import { attemptsContract } from './attempts.ts'
import { authContract } from './auth.ts'
import type { Contract, Procedure } from './define.ts'
import { type EventName, events } from './events.ts'
import { factorsContract } from './factors.ts'
import { recoveryContract } from './recovery.ts'
import { sessionContract } from './session.ts'
import { sessionAdminContract } from './session-admin.ts'
import { verdictContract, verdictMessages } from './verdict.ts'

export const SERVICE_NAMES = ['gateway', 'auth', 'session', 'activity'] as const
export type ServiceName = (typeof SERVICE_NAMES)[number]

/**
 * Programs outside the platform that follow its events. Each has a user of the bus by this name that may read, by a durable
 * consumer of the same name that activity makes for it, and nothing else. One word in small
 * letters each.
 */
export const READERS = ['consumer'] as const
export type Reader = (typeof READERS)[number]

/** What one service says and hears on the bus. Its rights there follow from this and from nothing else. */
export interface Traffic {
  /** Answered under the queue named like the service. */
  readonly serves: readonly Contract[]
  readonly calls: readonly Procedure[]
  /** Subjects of messages that nobody answers. */
  readonly tells: readonly string[]
  /** Subjects heard by each replica. */
  readonly hears: readonly string[]
  /** Subjects whose messages the replicas share. */
  readonly shares: readonly string[]
  /** Events it puts into the event stream. */
  readonly records: readonly EventName[]
  /** Durable consumers by which it reads the event stream. */
  readonly follows: readonly string[]
  /** Durable consumers that it makes, or puts back, for others to read by. */
  readonly lends: readonly Reader[]
  /** Events of which it reads the stored ones again. */
  readonly replays: readonly EventName[]
  /** Whether it reads by further consumers, whose names only its configuration knows. */
  readonly followsMore: boolean
  /** Whether it takes events out of the stream for good. */
  readonly erases: boolean
}

const eventNames = Object.keys(events) as readonly EventName[]
const { announced, touched } = verdictMessages
const acknowledged = `${verdictMessages.acknowledged.subject}.*`
const nothing = {
  serves: [],
  calls: [],
  tells: [],
  hears: [],
  shares: [],
  records: [],
  follows: [],
  lends: [],
  replays: [],
  followsMore: false,
  erases: false
}

function all(contract: Contract): readonly Procedure[] {
  return Object.values(contract)
}

function only<C extends Contract>(contract: C, ...names: readonly (keyof C)[]): readonly Procedure[] {
  return names.flatMap((name) => contract[name] ?? [])
}

/** All but those that are for other services: whoever calls them is believed without further proof. */
function except<C extends Contract>(contract: C, ...names: readonly (keyof C)[]): readonly Procedure[] {
  return Object.entries(contract).flatMap(([name, procedure]) => (names.includes(name) ? [] : [procedure]))
}

/** Whoever adds a contract, a message or an event enters it here, or it reaches nobody in production. */
export const traffic: Readonly<Record<ServiceName, Traffic>> = {
  gateway: {
    ...nothing,
    calls: [
      ...all(authContract),
      ...all(factorsContract),
      ...all(recoveryContract),
      ...all(adminContract),
      ...all(accountsContract),
      ...except(sessionContract, 'open', 'putProfile', 'erase'),
      ...all(sessionAdminContract),
      ...except(activityContract, 'erase'),
      ...only(verdictContract, 'renew', 'leave')
    ],
    tells: [acknowledged, touched.subject],
    hears: [announced.subject, activityMessages.recorded.subject]
  },
  auth: {
    ...nothing,
    serves: [authContract, factorsContract, recoveryContract, adminContract, accountsContract],
    calls: [
      ...except(sessionContract, 'check', 'refresh', 'getKeys', 'getTime'),
      ...all(activityContract),
      ...all(attemptsContract)
    ],
    records: eventNames.filter((name) => name !== 'sessionOpened' && name !== 'sessionEnded'),
    follows: ['auth-new-devices']
  },
  session: {
    ...nothing,
    serves: [sessionContract, sessionAdminContract, verdictContract],
    calls: only(activityContract, 'admit'),
    tells: [announced.subject],
    hears: [acknowledged],
    shares: [touched.subject],
    records: ['sessionOpened', 'sessionEnded'],
    replays: ['sessionEnded']
  },
  activity: {
    ...nothing,
    serves: [activityContract, attemptsContract],
    calls: only(verdictContract, 'announce'),
    tells: [activityMessages.recorded.subject],
    shares: [touched.subject],
    records: ['userBlocked'],
    follows: ['activity-timeline', 'activity-blocks'],
    lends: READERS,
    followsMore: true,
    erases: true
  }
}
