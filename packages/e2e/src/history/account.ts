import { splitToken } from '../tokens.ts'
import { type Answered, type GatewayClient, readJson } from './gateway-client.ts'

/** A session as its owner knows it, with every token it was ever given. */
export interface Session {
  readonly id: string
  readonly accessTokens: string[]
  /** The latest first. */
  readonly refreshTokens: string[]
  /** No refresh of unknown outcome: the latest token is the latest for the service too. */
  mayRefresh: boolean
  /** Over, as far as its owner knows. */
  isOver: boolean
}

/** A user of one life: nobody else acts in their name. */
export interface Account {
  readonly name: string
  password: string
  readonly sessions: Session[]
}

export const CHANGE_DEADLINE_MS = 6000

interface Opened {
  readonly answered: Answered
  /** `undefined` where no session was opened, or nobody knows. */
  readonly session: Session | undefined
}

export async function registerAccount(gateway: GatewayClient, { name, password }: Account): Promise<Opened> {
  const body = { email: `${name}@example.com`, password }
  return readOpened(await gateway.ask({ method: 'POST', path: '/v1/users', body, deadlineMs: CHANGE_DEADLINE_MS }))
}

export async function signInAccount(
  gateway: GatewayClient,
  { name, password }: Account,
  device: { readonly deviceId?: string } = {}
): Promise<Opened> {
  const body = { identifier: `${name}@example.com`, password, ...device }
  return readOpened(await gateway.ask({ method: 'POST', path: '/v1/sessions', body, deadlineMs: CHANGE_DEADLINE_MS }))
}

function readOpened(answered: Answered): Opened {
  const { accessToken, refreshToken, session } = readJson(answered.text)
  const id = typeof session === 'object' && session !== null && 'id' in session ? session.id : undefined
  if (answered.status !== 201 || typeof accessToken !== 'string' || typeof id !== 'string') {
    return { answered, session: undefined }
  }
  const refreshTokens = typeof refreshToken === 'string' ? [refreshToken] : []
  return { answered, session: { id, accessTokens: [accessToken], refreshTokens, mayRefresh: true, isOver: false } }
}

/** Asks for the next pair with the latest refresh token, or the one given; what it brings belongs to the session. */
export async function askRefresh(gateway: GatewayClient, session: Session, refreshToken: string): Promise<Answered> {
  const question = { method: 'POST', path: '/v1/sessions/refresh', body: { refreshToken } }
  const answered = await gateway.ask({ ...question, deadlineMs: CHANGE_DEADLINE_MS })
  const { accessToken, refreshToken: next } = readJson(answered.text)
  if (answered.status === 200 && typeof accessToken === 'string' && typeof next === 'string') {
    session.accessTokens.push(accessToken)
    session.refreshTokens.unshift(next)
  } else session.mayRefresh = false
  return answered
}

export function latestToken({ accessTokens }: Session): string {
  return accessTokens.at(-1) ?? ''
}

/** The access token as the API with two cookies wants it. */
export function toCookies(token: string): { readonly cookie: string } {
  const { payload, signature } = splitToken(token)
  return { cookie: `login_info=${payload}; secure=${signature}` }
}
