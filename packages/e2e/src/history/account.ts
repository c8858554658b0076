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

/** Part of all passwords of such users, so that one in a log is found whoever it is of. */
export const PASSWORD_MARK = 'canary password of'

/** A user of one life: nobody else acts in their name. */
export interface Account {
  readonly name: string
  /** Known once they are registered. */
  userId?: string
  password: string
  /** One for each sign-in, once there is a second factor. */
  recoveryCodes?: string[]
  readonly sessions: Session[]
}

export const CHANGE_DEADLINE_MS = 6000

/** What somebody signs in with. */
export interface Device {
  readonly deviceId?: string
  readonly userAgent?: string
}

export interface Opened {
  readonly answered: Answered
  /** `undefined` where no session was opened, or nobody knows. */
  readonly session: Session | undefined
}

export async function registerAccount(gateway: GatewayClient, account: Account): Promise<Opened> {
  const { name, password } = account
  const body = { email: `${name}@example.com`, password }
  const answered = await gateway.ask({ method: 'POST', path: '/v1/users', body, deadlineMs: CHANGE_DEADLINE_MS })
  const userId = readId(readJson(answered.text).user)
  if (answered.status === 201 && userId !== undefined) account.userId = userId
  return readOpened(answered, 201)
}

export async function signInAccount(
  gateway: GatewayClient,
  { name, password, recoveryCodes }: Account,
  { userAgent, ...device }: Device = {}
): Promise<Opened> {
  const code = recoveryCodes?.shift()
  const body = { identifier: `${name}@example.com`, password, ...device, ...(code === undefined ? {} : { code }) }
  const headers = userAgent === undefined ? {} : { 'user-agent': userAgent }
  const question = { method: 'POST', path: '/v1/sessions', body, headers, deadlineMs: CHANGE_DEADLINE_MS }
  return readOpened(await gateway.ask(question), 201)
}

export function readOpened(answered: Answered, status: 200 | 201): Opened {
  const { accessToken, refreshToken, session } = readJson(answered.text)
  const id = readId(session)
  if (answered.status !== status || typeof accessToken !== 'string' || id === undefined) {
    return { answered, session: undefined }
  }
  const refreshTokens = typeof refreshToken === 'string' ? [refreshToken] : []
  return { answered, session: { id, accessTokens: [accessToken], refreshTokens, mayRefresh: true, isOver: false } }
}

function readId(thing: unknown): string | undefined {
  const id = typeof thing === 'object' && thing !== null && 'id' in thing ? thing.id : undefined
  return typeof id === 'string' ? id : undefined
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
