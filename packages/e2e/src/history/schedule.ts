import { GATEWAYS, LINK_NAMES, type LinkName, SERVICE_NAMES, SESSIONS, type ServiceName } from './platform.ts'
import type { Random } from './random.ts'

/** Towards the store, from it, or both. */
export type Direction = 'up' | 'down' | 'both'

/** What goes wrong, and where. */
export type Fault =
  /** SIGSTOP, then SIGCONT. */
  | { readonly kind: 'freeze'; readonly target: ServiceName | 'redis' | 'nats' }
  /** SIGKILL, then started again. */
  | { readonly kind: 'kill'; readonly target: ServiceName }
  /** Connections are reset, new ones refused. */
  | { readonly kind: 'cut'; readonly target: LinkName }
  | {
      readonly kind: 'delay'
      readonly target: LinkName
      readonly way: Direction
      readonly delayMs: number
      readonly jitterMs: number
    }
  /** Nothing passes, and nobody is told. `loses`: what was on its way never arrives. */
  | { readonly kind: 'hold'; readonly target: LinkName; readonly way: Direction; readonly loses: boolean }
  /** Connections break in the middle of what they carry. */
  | { readonly kind: 'break'; readonly target: LinkName; readonly afterBytes: number }
  | { readonly kind: 'half-open'; readonly target: LinkName }
  /** NATS delivers at most once: messages vanish, the connection stands. */
  | { readonly kind: 'lose'; readonly target: LinkName; readonly what: 'everything' | 'announcements' }
  /** Replies come late, one in so many, overtaken by others. */
  | {
      readonly kind: 'slow-replies'
      readonly target: LinkName
      readonly chance: number
      readonly minMs: number
      readonly maxMs: number
    }
  /** The registry of holders is gone from Redis. */
  | { readonly kind: 'forget-registry' }
  /** What can happen on this platform only; see `Platform`. One at a time, as a cluster bears one. */
  | { readonly kind: 'accident'; readonly name: string }
  /** The wall clock goes back. Test builds only. */
  | { readonly kind: 'set-clock-back'; readonly target: ServiceName }

/** Times in milliseconds from the beginning of the chapter. */
export interface Step {
  readonly at: number
  readonly forMs: number
  readonly fault: Fault
}

/** Draws what happens together; times are relative to its beginning. */
export type Pattern = (random: Random) => readonly Step[]

export interface Plan {
  /** Sequences of faults that run side by side, so that faults overlap. */
  readonly tracks: readonly (readonly Pattern[])[]
  /** Faultless time between two faults of a track. */
  readonly pauseMs: readonly [min: number, max: number]
  /** There all the time. */
  readonly always: readonly Fault[]
}

export const one = (draw: (random: Random) => Fault, minMs: number, maxMs: number): Pattern => {
  return (random) => [{ at: 0, forMs: Math.round(random.between(minMs, maxMs)), fault: draw(random) }]
}

const DIRECTIONS = ['up', 'down', 'both'] as const
const natsLinks = LINK_NAMES.filter((name) => name.endsWith(':nats'))
const anyLink = (random: Random) => random.pick(LINK_NAMES)

const anything: readonly Pattern[] = [
  one((random) => ({ kind: 'freeze', target: random.pick(GATEWAYS) }), 100, 2500),
  one((random) => ({ kind: 'freeze', target: random.pick(SESSIONS) }), 100, 2500),
  one((random) => ({ kind: 'freeze', target: random.pick(['redis', 'nats'] as const) }), 100, 2000),
  one((random) => ({ kind: 'kill', target: random.pick(SERVICE_NAMES) }), 50, 1500),
  one((random) => ({ kind: 'kill', target: random.pick([...GATEWAYS, ...SESSIONS]) }), 50, 1500),
  one((random) => ({ kind: 'cut', target: anyLink(random) }), 20, 2500),
  one(
    (random) => ({
      kind: 'delay',
      target: anyLink(random),
      way: random.pick(DIRECTIONS),
      delayMs: Math.round(random.between(5, 300)),
      jitterMs: Math.round(random.between(0, 300))
    }),
    500,
    3000
  ),
  one(
    (random) => ({
      kind: 'hold',
      target: anyLink(random),
      way: random.pick(DIRECTIONS),
      loses: random.chance(0.5)
    }),
    100,
    2500
  ),
  one(
    (random) => ({ kind: 'break', target: anyLink(random), afterBytes: Math.round(random.between(100, 20_000)) }),
    300,
    2000
  ),
  one((random) => ({ kind: 'half-open', target: anyLink(random) }), 200, 2500),
  one(
    (random) => ({
      kind: 'lose',
      target: random.pick(natsLinks),
      what: random.pick(['everything', 'announcements'] as const)
    }),
    100,
    2500
  ),
  one(() => ({ kind: 'forget-registry' }), 0, 1)
]

export const slowReplies: readonly Fault[] = SESSIONS.map((name) => ({
  kind: 'slow-replies',
  target: `${name}:nats`,
  chance: 0.03,
  minMs: 200,
  maxMs: 2500
}))

/** Everything that can go wrong, in pairs. */
export const everything: Plan = { tracks: [anything, anything], pauseMs: [100, 1500], always: slowReplies }

/** The faults of a chapter that lasts so long, drawn before it begins: the same seed draws the same. */
export function drawSchedule(plan: Plan, random: Random, fromMs: number, untilMs: number): readonly Step[] {
  const tracks = plan.tracks.map((patterns, index) => {
    const drawn = random.fork(`track ${index}`)
    return drawTrack(patterns, plan.pauseMs, drawn, fromMs, untilMs)
  })
  return tracks.flat().toSorted((a, b) => a.at - b.at)
}

function drawTrack(
  patterns: readonly Pattern[],
  [minPause, maxPause]: Plan['pauseMs'],
  random: Random,
  fromMs: number,
  untilMs: number
): Step[] {
  const steps: Step[] = []
  let now = fromMs
  for (;;) {
    now += Math.round(random.between(minPause, maxPause))
    const drawn = random
      .pick(patterns)(random)
      .map((step) => ({ ...step, at: now + step.at }))
    const end = Math.max(...drawn.map(({ at, forMs }) => at + forMs))
    if (end > untilMs) return steps
    steps.push(...drawn)
    now = end
  }
}

export function describeFault(fault: Fault): string {
  const { kind, ...rest } = fault
  return [kind, ...Object.values(rest)].join(' ')
}
