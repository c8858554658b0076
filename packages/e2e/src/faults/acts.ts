import {
  askRefresh,
  CHANGE_DEADLINE_MS,
  latestToken,
  PASSWORD_MARK,
  registerAccount,
  type Session,
  signInAccount
} from '../history/account.ts'
import type { Answered, GatewayClient } from '../history/gateway-client.ts'
import type { Random } from '../history/random.ts'
import type { Crowd, Held, Person } from './crowd.ts'
import { judgeAnswer, type Kind, type Verdict } from './observed.ts'

export interface Acting {
  readonly crowd: Crowd
  readonly gateway: GatewayClient
  readonly random: Random
}

export interface Acted {
  readonly answered: Answered
  readonly verdict: Verdict
}

/** What one client does once; `undefined` where there is nobody who could do it now. */
type Act = (acting: Acting) => Promise<Acted | undefined>

const READ_DEADLINE_MS = 5000
/** Ended sessions that are used on. */
const HAUNTING = 30

function pick<T>(random: Random, items: readonly T[]): T | undefined {
  return items.length === 0 ? undefined : random.pick(items)
}

function ask(gateway: GatewayClient, method: string, path: string, session: Session, body?: object): Promise<Answered> {
  const deadlineMs = method === 'GET' ? READ_DEADLINE_MS : CHANGE_DEADLINE_MS
  return gateway.ask({ method, path, token: latestToken(session), deadlineMs, ...(body === undefined ? {} : { body }) })
}

export function askAccess(gateway: GatewayClient, session: Session): Promise<Answered> {
  return ask(gateway, 'GET', '/v1/sessions/current', session)
}

export function askRevoke(gateway: GatewayClient, session: Session): Promise<Answered> {
  return ask(gateway, 'DELETE', '/v1/sessions/current', session)
}

/** The other way to end it: by a verdict that is kept, where the gateway has one. */
function askEnd(gateway: GatewayClient, session: Session): Promise<Answered> {
  return ask(gateway, 'DELETE', `/v1/sessions/${session.id}`, session)
}

/** With the latest refresh token; what it brings is kept by nobody. */
export function askRefreshOf(gateway: GatewayClient, { refreshTokens }: Session): Promise<Answered> {
  const body = { refreshToken: refreshTokens[0] }
  return gateway.ask({ method: 'POST', path: '/v1/sessions/refresh', body, deadlineMs: CHANGE_DEADLINE_MS })
}

async function access({ crowd, gateway, random }: Acting): Promise<Acted | undefined> {
  const held = random.chance(0.3) ? pick(random, crowd.victims) : pick(random, crowd.steady)
  if (held === undefined) return undefined
  const answered = await askAccess(gateway, held.session)
  const verdict = judgeAnswer('access', answered)
  // Somebody began to end it before this was answered: either answer is right.
  const isOpen = held.endBegun !== undefined && answered.status === 401
  return { answered, verdict: isOpen ? 'good' : verdict }
}

async function accessEnded({ crowd, gateway, random }: Acting): Promise<Acted | undefined> {
  const ended = pick(random, crowd.ended.slice(-HAUNTING))
  if (ended === undefined) return undefined
  const answered = await askAccess(gateway, ended.session)
  return { answered, verdict: judgeAnswer('accessEnded', answered) }
}

async function signIn({ crowd, gateway, random }: Acting): Promise<Acted | undefined> {
  const person = pick(random, crowd.signers)
  if (person === undefined) return undefined
  const { answered, session } = await signInAccount(gateway, person)
  if (session !== undefined) crowd.victims.push({ person, session, endBegun: undefined })
  return { answered, verdict: judgeAnswer('signIn', answered) }
}

async function register({ crowd, gateway, random }: Acting): Promise<Acted> {
  const person = crowd.createPerson()
  const { answered, session } = await registerAccount(gateway, person)
  if (session === undefined) crowd.maybeRegistered.push(person)
  else {
    crowd.registered.push(person)
    const isSteady = random.chance(0.5)
    if (isSteady) crowd.steady.push({ person, session, endBegun: undefined })
    else crowd.victims.push({ person, session, endBegun: undefined })
  }
  return { answered, verdict: judgeAnswer('register', answered) }
}

/** Of a refresh that was not answered nobody knows whether the token was used: it is not used again. */
async function refresh({ crowd, gateway, random }: Acting): Promise<Acted | undefined> {
  const held = pick(
    random,
    crowd.steady.filter(({ session }) => session.mayRefresh)
  )
  const [token] = held?.session.refreshTokens ?? []
  if (held === undefined || token === undefined) return undefined
  held.session.mayRefresh = false
  const answered = await askRefresh(gateway, held.session, token)
  if (answered.status === 200) held.session.mayRefresh = true
  return { answered, verdict: judgeAnswer('refresh', answered) }
}

async function revoke({ crowd, gateway, random }: Acting): Promise<Acted | undefined> {
  const victim = crowd.victims.shift()
  if (victim === undefined) return undefined
  victim.endBegun = performance.now()
  const askEither = random.chance(0.5) ? askRevoke : askEnd
  const answered = await askEither(gateway, victim.session)
  if (answered.status === 204) crowd.ended.push({ ...victim, endedAt: answered.end })
  else crowd.maybeEnded.push(victim)
  return { answered, verdict: judgeAnswer('revoke', answered) }
}

/** Of whom it is answered the session that it has ended is used on, and another one takes its place. */
async function changePassword({ crowd, gateway, random }: Acting): Promise<Acted | undefined> {
  const changer = crowd.changers.shift()
  if (changer === undefined) return undefined
  const { person, session, other } = changer
  const newPassword = `${Math.floor(random.next() * 1e9)}, another ${PASSWORD_MARK} ${person.name}`
  const begunAt = performance.now()
  const answered = await ask(gateway, 'PUT', '/v1/me/password', session, {
    currentPassword: person.password,
    newPassword
  })
  if (answered.status === 204) {
    person.password = newPassword
    crowd.ended.push(toEnded(person, other, answered.end))
    const next = await signInAccount(gateway, person)
    if (next.session === undefined) crowd.registered.push(person)
    else crowd.changers.push({ person, session, other: next.session })
  } else crowd.maybeChanged.push({ ...changer, begunAt, newPassword, hasChanged: undefined })
  return { answered, verdict: judgeAnswer('changePassword', answered) }
}

/** An admin blocks somebody who has just come. */
async function block({ crowd, gateway }: Acting): Promise<Acted | undefined> {
  const { admin } = crowd
  const person = crowd.createPerson()
  const { session } = await registerAccount(gateway, person)
  if (admin === undefined || session === undefined) return undefined
  const answered = await ask(gateway, 'PUT', `/v1/admin/users/${person.userId}/block`, admin.session, {})
  if (answered.status === 200) crowd.blocked.push(toEnded(person, session, answered.end))
  return { answered, verdict: judgeAnswer('block', answered) }
}

function toEnded(person: Person, session: Session, endedAt: number): Held & { readonly endedAt: number } {
  return { person, session, endBegun: endedAt, endedAt }
}

export const ACTS: Readonly<Record<Kind, Act>> = {
  access,
  accessEnded,
  signIn,
  register,
  refresh,
  revoke,
  changePassword,
  block
}
