import { setTimeout as delay } from 'node:timers/promises'
import {
  type Account,
  askRefresh,
  CHANGE_DEADLINE_MS,
  latestToken,
  registerAccount,
  type Session,
  signInAccount
} from './account.ts'
import type { GatewayClient } from './gateway-client.ts'
import { askOnce, startHammer } from './hammer.ts'
import type { Random } from './random.ts'
import type { Recorder } from './recorder.ts'
import { DEVICE_ID, type Ending, prepareReuse, ROUTES, type Route, SESSION_LIMIT } from './routes.ts'

/** How users live: what a plan may change to bring out one weakness. */
export interface Habits {
  /** Names in `ROUTES`; all when empty. */
  readonly routes: readonly string[]
  /** How many sessions a user has, one of these, where the route does not ask for another number. */
  readonly sessions: readonly number[]
  readonly socketsPerGateway: number
  /** From the opening of the last session to the end. */
  readonly lifeMs: readonly [min: number, max: number]
  /** How long ended sessions are used on. */
  readonly afterMs: readonly [min: number, max: number]
  /** Chance that the user changes their profile again and again before the end: verdicts are dropped and asked for anew. */
  readonly churn: number
}

export interface LifeOptions {
  readonly name: string
  readonly habits: Habits
  readonly gateways: readonly GatewayClient[]
  readonly recorder: Recorder
  readonly random: Random
  /** The run is over: unsettled endings are left unsettled. */
  readonly isOver: () => boolean
}

const SETTLE_PAUSE_MS = 150
/** Sessions are hot so long before their end, at most. */
const HEAT_MS = 60
const LONG_AFTER_MS = 2500
/** Of one user: those of all of them find room among the passwords that wait to be checked. */
const SIGN_INS_AT_ONCE = 12

/** One user: opens sessions, uses them everywhere at once, and ends some by one of all routes. Returns what they had. */
export async function live(options: LifeOptions): Promise<Account> {
  const { random, habits } = options
  const names = habits.routes.length === 0 ? Object.keys(ROUTES) : habits.routes
  const name = random.pick(names)
  const route = ROUTES[name]
  if (route === undefined) throw new Error(`no route ${name}`)
  const account: Account = { name: options.name, password: `password of ${options.name}`, sessions: [] }
  const isOpen = await open(account, route, options)
  if (isOpen) await spend(account, name, route, options)
  else abandon(account, options)
  return account
}

/** Opens the sessions; false when one of them may or may not exist. */
async function open(account: Account, route: Route, { random, gateways, habits }: LifeOptions): Promise<boolean> {
  const count = route.needs === 'full' ? SESSION_LIMIT : random.pick(habits.sessions)
  const registered = await registerAccount(random.pick(gateways), account)
  if (registered.session === undefined) return false
  account.sessions.push(registered.session)
  const atOnce = count > SESSION_LIMIT ? SIGN_INS_AT_ONCE : 1
  while (account.sessions.length < count) {
    const missing = count - account.sessions.length
    const device = missing === 1 && route.needs === 'device' ? { deviceId: DEVICE_ID } : {}
    const opening = Array.from({ length: Math.min(atOnce, missing) }, () =>
      signInAccount(random.pick(gateways), account, device)
    )
    const opened = (await Promise.all(opening)).flatMap(({ session }) => session ?? [])
    account.sessions.push(...opened)
    if (opened.length < opening.length) return false
  }
  return true
}

/** Whatever else was opened may replace what is known: nothing is certain of any of them. */
function abandon({ sessions }: Account, { recorder }: LifeOptions): void {
  const now = performance.now()
  recorder.noteEnd({
    route: 'abandoned',
    sessions: sessions.map(({ id }) => id),
    outcome: 'info',
    start: Number.NEGATIVE_INFINITY,
    end: now,
    detail: ''
  })
  for (const session of sessions) session.isOver = true
}

async function spend(account: Account, name: string, route: Route, options: LifeOptions): Promise<void> {
  const { random, gateways, recorder, habits } = options
  const [first, last] = [account.sessions[0], account.sessions.at(-1)]
  if (first === undefined || last === undefined) return
  const [victim, actor] = route.needs === 'full' ? [first, last] : [last, first]
  const ending: Ending = {
    account,
    actor,
    victim,
    others: account.sessions.filter((session) => session !== actor),
    gateway: random.pick(gateways),
    random: random.fork('route')
  }
  const ended = endedBy(route, ending)
  const hammered = [...new Set([actor, victim, ...account.sessions])].slice(0, SESSION_LIMIT)
  const hammers = hammered.map((session, index) => {
    const isHot = ended.includes(session)
    const socketsPerGateway = isHot ? habits.socketsPerGateway : 1
    return {
      isHot,
      hammer: startHammer({ session, gateways, socketsPerGateway, recorder, random: random.fork(`hammer ${index}`) })
    }
  })
  const hot = hammers.filter(({ isHot }) => isHot).map(({ hammer }) => hammer)

  if (name === 'POST /v1/sessions/refresh (reuse)') await delay(await prepareReuse(random.pick(gateways), victim))
  await delay(random.between(...habits.lifeMs))
  if (random.chance(0.4)) await refresh(random.pick(account.sessions), options)
  const churning = churn(ending, { ...options, random: random.fork('churn') })
  for (const hammer of hot) hammer.heat()
  await delay(random.between(0, HEAT_MS))
  const refreshing = random.chance(0.3) ? refresh(victim, options) : undefined
  await end(name, route, ending, { ...options, random: random.fork('end') })
  const once = ended
    .slice(0, SESSION_LIMIT)
    .map((session) => askOnce({ session, gateways, socketsPerGateway: 1, recorder, random: random.fork('once') }))
  await delay(random.chance(0.1) ? LONG_AFTER_MS : random.between(...habits.afterMs))
  for (const hammer of hot) hammer.cool()
  await Promise.all([refreshing, churning, ...once, ...hammers.map(({ hammer }) => hammer.stop())])
}

function endedBy({ ends }: Route, { victim, others, actor }: Ending): readonly Session[] {
  if (ends === 'victim') return [victim]
  return ends === 'others' ? others : [actor, ...others]
}

async function refresh(session: Session, { random, gateways, recorder }: LifeOptions): Promise<void> {
  const [token] = session.refreshTokens
  if (!session.mayRefresh || token === undefined) return
  const gateway = random.pick(gateways)
  const answered = await askRefresh(gateway, session, token)
  recorder.noteUse({ kind: 'refresh', session: session.id, gateway: gateway.index, isProbe: false }, answered)
}

/** Changes of the profile drop the user's verdicts everywhere: look-ups are under way when the end comes. */
async function churn({ actor, gateway }: Ending, { random, habits }: LifeOptions): Promise<void> {
  if (!random.chance(habits.churn)) return
  for (let change = 0; change < 4; change += 1) {
    const body = { firstName: `Name ${change}` }
    const token = latestToken(actor)
    await gateway.ask({ method: 'PATCH', path: '/v1/me', token, body, deadlineMs: CHANGE_DEADLINE_MS })
    await delay(random.between(1, 25))
  }
}

/** Ends by the route, then, until it is certain, by signing out with each session's own token. */
async function end(name: string, route: Route, ending: Ending, options: LifeOptions): Promise<void> {
  const { recorder, random, gateways, isOver } = options
  const over = endedBy(route, ending)
  const sessions = over.map(({ id }) => id)
  for (const session of over) session.isOver = true
  const attempts = route.isRepeatable ? 2 : 1
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const gateway = attempt === 0 ? ending.gateway : random.pick(gateways)
    const { answered, isOk } = await route.ask({ ...ending, gateway })
    const { start, end: at, status } = answered
    recorder.noteEnd({ route: name, sessions, outcome: isOk ? 'ok' : 'info', start, end: at, detail: String(status) })
    if (isOk) return
    await delay(SETTLE_PAUSE_MS)
  }
  for (const session of over) {
    while (!isOver() && !(await signOut(session, options))) await delay(SETTLE_PAUSE_MS)
  }
}

async function signOut(session: Session, { recorder, random, gateways }: LifeOptions): Promise<boolean> {
  const question = { method: 'DELETE', path: '/v1/sessions/current', token: latestToken(session) }
  const { start, end, status } = await random.pick(gateways).ask({ ...question, deadlineMs: CHANGE_DEADLINE_MS })
  const outcome = status === 204 ? 'ok' : 'info'
  const route = 'DELETE /v1/sessions/current (settling)'
  recorder.noteEnd({ route, sessions: [session.id], outcome, start, end, detail: String(status) })
  return status === 204
}
