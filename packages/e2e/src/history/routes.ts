import {
  type Account,
  askRefresh,
  CHANGE_DEADLINE_MS,
  latestToken,
  type Session,
  signInAccount,
  toCookies
} from './account.ts'
import { type Answered, type GatewayClient, readJson } from './gateway-client.ts'
import type { Random } from './random.ts'

export interface Ending {
  readonly account: Account
  /** Goes on where the route lets one go on. */
  readonly actor: Session
  /** One that is to end. */
  readonly victim: Session
  readonly others: readonly Session[]
  readonly gateway: GatewayClient
  readonly random: Random
}

/** What an ending came to. */
export interface Ended {
  readonly answered: Answered
  readonly isOk: boolean
}

/** One way to end sessions. */
export interface Route {
  /** What it ends, of the sessions of the account. */
  readonly ends: 'victim' | 'others' | 'all'
  /** Whether asking once more is the same as asking once. */
  readonly isRepeatable: boolean
  /** What has to be there before: nothing, a session opened for a device, or as many sessions as the policy allows. */
  readonly needs?: 'device' | 'full'
  readonly ask: (ending: Ending) => Promise<Ended>
}

export const DEVICE_ID = 'device-of-the-victim'
/** As the platform's policy has it. */
export const SESSION_LIMIT = 4
/** Longer than the grace in which a refresh token may be presented again. */
const AFTER_GRACE_MS = 1100

async function call(ending: Ending, method: string, path: string, init: object = {}): Promise<Ended> {
  const answered = await ending.gateway.ask({ method, path, deadlineMs: CHANGE_DEADLINE_MS, ...init })
  return { answered, isOk: answered.status >= 200 && answered.status < 300 }
}

const asActor = ({ actor }: Ending) => ({ token: latestToken(actor) })
const asVictim = ({ victim }: Ending) => ({ token: latestToken(victim) })

/** Opening another session ends one; the new one is kept by the account. */
async function replace(ending: Ending, device: { readonly deviceId?: string }): Promise<Ended> {
  const { answered, session } = await signInAccount(ending.gateway, ending.account, device)
  if (session !== undefined) ending.account.sessions.push(session)
  return { answered, isOk: session !== undefined }
}

/** The answer to a stolen token that is used is a no; it ends the session before it says so. */
async function reuse({ gateway, victim }: Ending): Promise<Ended> {
  const used = victim.refreshTokens.at(-1)
  if (used === undefined) throw new Error('no refresh token to use again')
  const answered = await askRefresh(gateway, victim, used)
  return { answered, isOk: readJson(answered.text).reason === 'refresh_reuse' }
}

async function changePassword(ending: Ending): Promise<Ended> {
  const { account, random } = ending
  const newPassword = `new ${account.password} ${Math.floor(random.next() * 1e9)}`
  const body = { currentPassword: account.password, newPassword }
  const ended = await call(ending, 'PUT', '/v1/me/password', { ...asActor(ending), body })
  if (ended.isOk) account.password = newPassword
  return ended
}

/** Every route that ends sessions. */
export const ROUTES: Readonly<Record<string, Route>> = {
  'DELETE /v1/sessions/:id': {
    ends: 'victim',
    isRepeatable: true,
    ask: (ending) => call(ending, 'DELETE', `/v1/sessions/${ending.victim.id}`, asActor(ending))
  },
  'DELETE /v1/sessions/current': {
    ends: 'victim',
    isRepeatable: true,
    ask: (ending) => call(ending, 'DELETE', '/v1/sessions/current', asVictim(ending))
  },
  'DELETE /v1/sessions?except=current': {
    ends: 'others',
    isRepeatable: true,
    ask: (ending) => call(ending, 'DELETE', '/v1/sessions?except=current', asActor(ending))
  },
  'DELETE /v1/sessions': {
    ends: 'all',
    isRepeatable: false,
    ask: (ending) => call(ending, 'DELETE', '/v1/sessions', asActor(ending))
  },
  'PUT /v1/me/password': { ends: 'others', isRepeatable: false, ask: changePassword },
  'POST /v1/sessions (same device)': {
    ends: 'victim',
    isRepeatable: false,
    needs: 'device',
    ask: (ending) => replace(ending, { deviceId: DEVICE_ID })
  },
  'POST /v1/sessions (over the limit)': {
    ends: 'victim',
    isRepeatable: false,
    needs: 'full',
    ask: (ending) => replace(ending, {})
  },
  'POST /v1/sessions/refresh (reuse)': { ends: 'victim', isRepeatable: true, ask: reuse },
  'POST /users/logout': {
    ends: 'victim',
    isRepeatable: false,
    ask: (ending) => call(ending, 'POST', '/users/logout', asVictim(ending))
  },
  'POST /api/v1/auth/user/logout/:id': {
    ends: 'victim',
    isRepeatable: true,
    ask: (ending) => {
      const headers = toCookies(latestToken(ending.actor))
      return call(ending, 'POST', `/api/v1/auth/user/logout/${ending.victim.id}`, { headers })
    }
  },
  'POST /invalidateSession': {
    ends: 'victim',
    isRepeatable: true,
    ask: (ending) => call(ending, 'POST', '/invalidateSession', { body: { sessionKey: ending.victim.id } })
  }
}

/** What has to happen before a route can end the victim: of a refresh token the successor's use. */
export async function prepareReuse(gateway: GatewayClient, victim: Session): Promise<number> {
  const [latest] = victim.refreshTokens
  if (latest === undefined) return 0
  await askRefresh(gateway, victim, latest)
  return AFTER_GRACE_MS
}
