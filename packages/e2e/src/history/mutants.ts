import type { Environment } from '../environment.ts'
import type { Habits } from './life.ts'
import { OWNER_ROUTES } from './owner-routes.ts'
import { GATEWAYS } from './platform.ts'
import type { Random } from './random.ts'
import { ordinary, type RunOptions } from './run-history.ts'
import { type Fault, type Pattern, type Plan, slowReplies } from './schedule.ts'

/** One rule of the protocol switched off, in conditions under which nothing else stands in for it. */
export interface Mutant {
  /** Rules switched off as well: with these alone the conditions do no harm. */
  readonly beside: readonly string[]
  readonly patterns: readonly Pattern[]
  readonly always: readonly Fault[]
  readonly habits: Partial<Habits>
  /** Where the holders of the test build differ from those of production. */
  readonly holder: Readonly<Record<string, number>>
  readonly leaseMs: number
  readonly users: number
  readonly policy: string
  /** What else the services are told. */
  readonly environment: Environment
}

type Draw = (random: Random, gateway: (typeof GATEWAYS)[number]) => ReturnType<Pattern>

const atGateway = (draw: Draw): Pattern => {
  return (random) => draw(random, random.pick(GATEWAYS))
}
const between = (random: Random, min: number, max: number) => Math.round(random.between(min, max))

/** Longer than a lease of half a second and what is waited on top of it, shorter than NATS takes to notice. */
const longer = (random: Random) => between(random, 900, 1800)

const held = (fault: Fault, at: number, forMs: number) => ({ at, forMs, fault })
const hold = (gateway: (typeof GATEWAYS)[number]): Fault => {
  return { kind: 'hold', target: `${gateway}:nats`, way: 'both', loses: false }
}

const holds = atGateway((random, gateway) => [held(hold(gateway), 0, longer(random))])
const cuts = atGateway((random, gateway) => [held({ kind: 'cut', target: `${gateway}:nats` }, 0, longer(random))])
const loses = (what: 'everything' | 'announcements') =>
  atGateway((random, gateway) => [held({ kind: 'lose', target: `${gateway}:nats`, what }, 0, longer(random))])
const holdsAndSetsClockBack = atGateway((random, gateway) => [
  held(hold(gateway), 0, longer(random)),
  held({ kind: 'set-clock-back', target: gateway }, 50, 1)
])
const holdsAndForgets = atGateway((random, gateway) => [
  held(hold(gateway), 0, 900),
  held({ kind: 'forget-registry' }, between(random, 20, 120), 1)
])
/** A renewal's answer is on its way for long, and an announcement made meanwhile never arrives. */
const answersLateAndLoses = atGateway((random, gateway) => {
  const forMs = between(random, 12_000, 15_000)
  const late: Fault = { kind: 'slow-replies', target: `${gateway}:nats`, chance: 1, minMs: 1050, maxMs: 1060 }
  return [held(late, 0, forMs), held({ kind: 'lose', target: `${gateway}:nats`, what: 'announcements' }, 0, forMs)]
})

const verySlowReplies: readonly Fault[] = slowReplies.map((fault) => {
  return fault.kind === 'slow-replies' ? { ...fault, chance: 0.15, maxMs: 900 } : fault
})

const plain: Mutant = {
  beside: [],
  patterns: [],
  always: [],
  habits: {},
  holder: {},
  leaseMs: 500,
  users: 6,
  policy: 'limit:4:evict_oldest',
  environment: {}
}
const slow: Mutant = {
  ...plain,
  always: verySlowReplies,
  habits: { churn: 1, lifeMs: [50, 300], afterMs: [300, 1000] }
}

/** Every rule, by its name in the protocol's package. */
export const MUTANTS: Readonly<Record<string, Mutant>> = {
  refusesOvertakenAnswers: slow,
  detachesFlights: slow,
  // Up to a hundred sessions are announced by name beside their user, and those names are not forgotten. The event of
  // each is stored before the next one's: where replies are late nobody is answered before that is given up.
  keepsTombstones: {
    ...slow,
    habits: { ...slow.habits, sessions: [105], routes: ['DELETE /v1/sessions?except=current'] },
    users: 3,
    policy: 'unlimited',
    environment: { END_DURABILITY: 'store' }
  },
  refusesOnOverflow: { ...slow, holder: { tombstoneCapacity: 2 } },
  obeysBeforeAcknowledging: plain,
  judgesByLease: { ...plain, patterns: [holds] },
  usesMonotonicClock: { ...plain, patterns: [holdsAndSetsClockBack] },
  countsLeaseFromSending: {
    ...plain,
    patterns: [answersLateAndLoses],
    // The next renewal would bring what was lost: it comes late enough for the lease to be over if counted from sending,
    // and soon enough for it to last if not. A look-up outlasts its two late answers, or nothing would be kept.
    habits: { lifeMs: [3000, 6000], churn: 0, socketsPerGateway: 1 },
    holder: { leaseMs: 1550, heartbeatDeadMs: 60_000, renewMs: 1400, lookUpTimeoutMs: 2500 },
    leaseMs: 1550,
    users: 12
  },
  checksSequence: { ...plain, patterns: [loses('announcements')] },
  dropsOnLapse: { ...plain, patterns: [loses('everything')], beside: ['checksSequence'] },
  dropsOnDoubt: { ...plain, patterns: [cuts], beside: ['checksSequence', 'dropsOnLapse'] },
  awaitsHolders: plain,
  outwaitsLeases: { ...plain, patterns: [holds] },
  doubtsNewRegistry: { ...plain, patterns: [holdsAndForgets] },
  dropsByMark: { ...plain, patterns: [loses('announcements')], holder: { renewMs: 400 } }
}

/** How a run looks for the rule; `isBroken: false` gives its like in which the rule is kept. */
export function planMutant(rule: string, isBroken: boolean): Omit<RunOptions, 'seed' | 'seconds' | 'tell'> {
  const mutant = MUTANTS[rule]
  if (mutant === undefined) throw new Error(`no rule ${rule}`)
  const broken = isBroken ? [...mutant.beside, rule] : mutant.beside
  const tracks = mutant.patterns.length === 0 ? [] : [mutant.patterns]
  const plan: Plan = { tracks, pauseMs: [300, 900], always: mutant.always }
  return {
    ...ordinary,
    users: mutant.users,
    plan,
    // The quickest: the more endings, the sooner a rule is found out.
    habits: { ...ordinary.habits, routes: Object.keys(OWNER_ROUTES), ...mutant.habits },
    stopsAtBreach: true,
    build: {
      conditions: ['@latchkey/mutants'],
      environment: {
        ...mutant.environment,
        SESSION_POLICY: mutant.policy,
        VERDICT_LEASE: String(mutant.leaseMs),
        LATCHKEY_BROKEN_RULES: broken.join(','),
        LATCHKEY_HOLDER_CONFIG: JSON.stringify(mutant.holder)
      }
    }
  }
}
