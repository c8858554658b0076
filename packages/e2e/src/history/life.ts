import { setTimeout as delay } from 'node:timers/promises'
import {
  type Account,
  askRefresh,
  type Device,
  PASSWORD_MARK,
  registerAccount,
  type Session,
  signInAccount
} from './account.ts'
import { nameAgent } from './admin-routes.ts'
import type { Administrator } from './administrator.ts'
import { changeProfile } from './change-profile.ts'
import { type EndOptions, endedBy, endSessions } from './end-sessions.ts'
import { enrollFactor } from './factor.ts'
import type { GatewayClient } from './gateway-client.ts'
import { askOnce, type Hammer, startHammer } from './hammer.ts'
import { STRANGER } from './link-routes.ts'
import type { Mails } from './mailed-links.ts'
import { DEVICE_ID, SESSION_LIMIT } from './owner-routes.ts'
import type { Ending, Route } from './route.ts'
import { ROUTES } from './routes.ts'

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

export interface LifeOptions extends EndOptions {
  readonly name: string
  readonly habits: Habits
  readonly administrator: Administrator
  readonly mails: Mails
}

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
  const account: Account = { name: options.name, password: `${PASSWORD_MARK} ${options.name}`, sessions: [] }
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
  if (route.needs === 'factor' && !(await addFactor(account, registered.session, random.pick(gateways)))) return false
  const atOnce = count > SESSION_LIMIT ? SIGN_INS_AT_ONCE : 1
  while (account.sessions.length < count) {
    const missing = count - account.sessions.length
    const device = missing === 1 ? chooseDevice(account, route) : {}
    const opening = Array.from({ length: Math.min(atOnce, missing) }, () =>
      signInAccount(random.pick(gateways), account, device)
    )
    const opened = (await Promise.all(opening)).flatMap(({ session }) => session ?? [])
    account.sessions.push(...opened)
    if (opened.length < opening.length) return false
  }
  return true
}

/** False when there may or may not be one. */
async function addFactor(account: Account, first: Session, gateway: GatewayClient): Promise<boolean> {
  const { session, recoveryCodes } = await enrollFactor(gateway, first)
  if (session === undefined) return false
  account.recoveryCodes = recoveryCodes
  account.sessions.splice(0, 1, session)
  return true
}

/** Of the last session, which is the victim. */
function chooseDevice(account: Account, { needs }: Route): Device {
  if (needs === 'device') return { deviceId: DEVICE_ID }
  if (needs === 'stranger') return { userAgent: STRANGER.userAgent }
  return needs === 'agent' ? { userAgent: nameAgent(account) } : {}
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
  const { administrator, mails, random, gateways, recorder, habits } = options
  const [first, last] = [account.sessions[0], account.sessions.at(-1)]
  if (first === undefined || last === undefined) return
  const [victim, actor] = route.needs === 'full' ? [first, last] : [last, first]
  const ending: Ending = {
    account,
    actor,
    victim,
    others: account.sessions.filter((session) => session !== actor),
    administrator,
    mails,
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

  const { prepare } = route
  const isPrepared = prepare === undefined || (await prepare({ ...ending, gateway: random.pick(gateways) }))
  if (isPrepared) await endHot(name, route, ending, options, hot)
  await Promise.all(hammers.map(({ hammer }) => hammer.stop()))
}

/** What is ended is used as often as can be. Resolves when it has been, and was tried long enough in vain. */
async function endHot(
  name: string,
  route: Route,
  ending: Ending,
  options: LifeOptions,
  hot: readonly Hammer[]
): Promise<void> {
  const { random, gateways, recorder, habits } = options
  await delay(random.between(...habits.lifeMs))
  if (random.chance(0.4)) await refresh(random.pick(ending.account.sessions), options)
  const churn = random.fork('churn')
  const churning = churn.chance(habits.churn) ? changeProfile(ending, recorder, churn) : undefined
  for (const hammer of hot) hammer.heat()
  await delay(random.between(0, HEAT_MS))
  const refreshing = random.chance(0.3) ? refresh(ending.victim, options) : undefined
  await endSessions(name, route, ending, { ...options, random: random.fork('end') })
  const once = endedBy(route, ending)
    .slice(0, SESSION_LIMIT)
    .map((session) => askOnce({ session, gateways, socketsPerGateway: 1, recorder, random: random.fork('once') }))
  await delay(random.chance(0.1) ? LONG_AFTER_MS : random.between(...habits.afterMs))
  for (const hammer of hot) hammer.cool()
  await Promise.all([refreshing, churning, ...once])
}

async function refresh(session: Session, { random, gateways, recorder }: LifeOptions): Promise<void> {
  const [token] = session.refreshTokens
  if (!session.mayRefresh || token === undefined) return
  const gateway = random.pick(gateways)
  const answered = await askRefresh(gateway, session, token)
  recorder.noteUse({ kind: 'refresh', session: session.id, gateway: gateway.index, isProbe: false }, answered)
}
