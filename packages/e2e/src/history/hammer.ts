import { setTimeout as delay } from 'node:timers/promises'
import type { Session } from './account.ts'
import type { GatewayClient } from './gateway-client.ts'
import type { Outcome } from './history.ts'
import type { Random } from './random.ts'
import type { Recorder } from './recorder.ts'

export interface HammerOptions {
  readonly session: Session
  readonly gateways: readonly GatewayClient[]
  readonly socketsPerGateway: number
  readonly recorder: Recorder
  readonly random: Random
}

export interface Hammer {
  /** As fast as races want it: a request every 1 to 5 ms on each socket. */
  heat(): void
  cool(): void
  /** Resolves when what was under way has been answered. */
  stop(): Promise<void>
}

/** Longer than anything is frozen, so that what was asked meanwhile is answered on waking. */
const USE_DEADLINE_MS = 4000
const BACKGROUND = { 'latchkey-background': '1' }

/** Asks all gateways in the name of a session, by all its tokens, until it is stopped. */
export function startHammer(options: HammerOptions): Hammer {
  const { gateways, socketsPerGateway, random } = options
  const pace = { isHot: false, isStopped: false }
  const loops = gateways.flatMap((gateway) =>
    Array.from({ length: socketsPerGateway }, (_, socket) =>
      loop(options, gateway, random.fork(`${gateway.index} ${socket}`), pace)
    )
  )
  return {
    heat: () => {
      pace.isHot = true
    },
    cool: () => {
      pace.isHot = false
    },
    stop: async () => {
      pace.isStopped = true
      await Promise.all(loops)
    }
  }
}

interface Pace {
  isHot: boolean
  isStopped: boolean
}

/** One request at each gateway by each token: whoever hammers may be waiting for the answer to an older question. */
export async function askOnce({ session, gateways, recorder, random }: HammerOptions): Promise<void> {
  const asked = gateways.flatMap((gateway) =>
    session.accessTokens.map((token) => ask({ session, recorder, random }, gateway, token))
  )
  await Promise.all(asked)
}

async function ask(
  { session, recorder, random }: Pick<HammerOptions, 'session' | 'recorder' | 'random'>,
  gateway: GatewayClient,
  token: string
): Promise<Outcome> {
  const answered = await gateway.ask({
    method: 'GET',
    path: random.chance(0.1) ? '/v1/me' : '/v1/sessions/current',
    token,
    headers: random.chance(0.1) ? BACKGROUND : {},
    deadlineMs: USE_DEADLINE_MS
  })
  const use = { kind: 'use', session: session.id, gateway: gateway.index, isProbe: false } as const
  return recorder.noteUse(use, answered)
}

async function loop(options: HammerOptions, gateway: GatewayClient, random: Random, pace: Pace): Promise<void> {
  const { session, recorder } = options
  while (!pace.isStopped) {
    const outcome = await ask({ session, recorder, random }, gateway, random.pick(session.accessTokens))
    await delay(chooseSpacing(outcome === 'unknown', pace.isHot, random))
  }
}

/** A gateway that is away refuses connections at once: no need to ask it a thousand times a second. */
function chooseSpacing(isAway: boolean, isHot: boolean, random: Random): number {
  if (isAway) return 50
  return isHot ? random.between(1, 5) : random.between(30, 90)
}
