import { setTimeout as delay } from 'node:timers/promises'
import { CHANGE_DEADLINE_MS, latestToken, type Session } from './account.ts'
import type { GatewayClient } from './gateway-client.ts'
import type { Measure } from './history.ts'
import type { Random } from './random.ts'
import type { Recorder } from './recorder.ts'
import type { Ended, Ending, Route } from './route.ts'

export interface EndOptions {
  readonly gateways: readonly GatewayClient[]
  readonly recorder: Recorder
  readonly random: Random
  /** The run is over: unsettled endings are left unsettled. */
  readonly isOver: () => boolean
}

const SETTLE_PAUSE_MS = 150

export function endedBy({ ends }: Route, { victim, others, actor }: Ending): readonly Session[] {
  if (ends === 'victim') return [victim]
  return ends === 'others' ? others : [actor, ...others]
}

/** Ends by the route, then, until it is certain, by what settles it. */
export async function endSessions(name: string, route: Route, ending: Ending, options: EndOptions): Promise<void> {
  const { random, gateways, isOver } = options
  const over = endedBy(route, ending)
  for (const session of over) session.isOver = true
  const attempt = async (called: string, ask: Route['ask'], gateway: GatewayClient) => {
    const ended = await ask({ ...ending, gateway })
    noteEnd(options, { route: called, sessions: over, by: route.by }, ended)
    return ended.isOk
  }
  const attempts = route.isRepeatable ? 2 : 1
  for (let count = 0; count < attempts; count += 1) {
    if (await attempt(name, route.ask, count === 0 ? ending.gateway : random.pick(gateways))) return
    await delay(SETTLE_PAUSE_MS)
  }
  const { settle } = route
  if (settle !== undefined) {
    const insist = () => attempt(`${name} (settling)`, settle, random.pick(gateways))
    while (!isOver() && !(await insist())) await delay(SETTLE_PAUSE_MS)
    return
  }
  for (const session of over) {
    while (!isOver() && !(await signOut(session, options))) await delay(SETTLE_PAUSE_MS)
  }
}

async function signOut(session: Session, options: EndOptions): Promise<boolean> {
  const question = { method: 'DELETE', path: '/v1/sessions/current', token: latestToken(session) }
  const gateway = options.random.pick(options.gateways)
  const answered = await gateway.ask({ ...question, deadlineMs: CHANGE_DEADLINE_MS })
  const isOk = answered.status === 204
  const route = 'DELETE /v1/sessions/current (settling)'
  noteEnd(options, { route, sessions: [session], by: undefined }, { answered, isOk })
  return isOk
}

interface Noted {
  readonly route: string
  readonly sessions: readonly Session[]
  readonly by: Measure | undefined
}

function noteEnd({ recorder }: EndOptions, { sessions, by, route }: Noted, { answered, isOk }: Ended): void {
  const { start, end, status } = answered
  const outcome = isOk ? 'ok' : 'info'
  const ids = sessions.map(({ id }) => id)
  const measure = by === undefined ? {} : { by }
  recorder.noteEnd({ route, sessions: ids, outcome, start, end, detail: String(status), ...measure })
}
