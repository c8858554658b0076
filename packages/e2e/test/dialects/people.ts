import { randomBytes, randomInt } from 'node:crypto'
import type { Answer, Api } from '../../src/http.ts'
import { decodePart, joinToken, splitToken } from '../../src/tokens.ts'

export const SECRET = 'the oak behind the mill'

export function newUsername(): string {
  return `user-${randomBytes(6).toString('hex')}`
}

/** Twelve digits nobody else in the test has. */
export function newMobile(): string {
  return `9${String(randomInt(1e10, 1e11))}`
}

/** John Doe, through dialect 2. */
export function registerJohn(api: Api, email: string, password = SECRET): Promise<Answer> {
  const fullname = { firstname: 'John', lastname: 'Doe' }
  return api('POST', '/users/register', { body: { fullname, email, password } })
}

export const xristos = { firstname: 'xristos', lastname: 'apatsidis' } as const

/** Xristos Apatsidis, through dialect 3. */
export function registerXristos(api: Api, email: string): Promise<Answer> {
  return api('POST', '/api/v1/auth/register', { body: { email, ...xristos, password: SECRET } })
}

/** A session as dialect 1 lists it. */
export interface DeviceSession {
  readonly sessionKey: string
  readonly userAgent: string
  readonly ipAddress: string
  readonly isValid: boolean
}

/** The two cookies of dialect 3, as a client sends them. */
export function presentCookies({ loginInfo, secure }: { loginInfo: string; secure: string }): { cookie: string } {
  return { cookie: `login_info=${loginInfo}; secure=${secure}` }
}

export function cookiesOf(token: string): { cookie: string } {
  const { payload, signature } = splitToken(token)
  return presentCookies({ loginInfo: payload, secure: signature })
}

type SignIn = (api: Api, email: string) => Promise<string>

/** Every door by which an e-mail address and `SECRET` give a token. */
export const emailDoors = {
  activity: async (api, email) => (await api('POST', '/api/login', { body: { email, password: SECRET } })).body.token,
  users: async (api, email) => (await api('POST', '/users/login', { body: { email, password: SECRET } })).body.token,
  'split-token': async (api, email) => {
    const { sessionData } = (await api('POST', '/api/v1/auth/login', { body: { email, password: SECRET } })).body
    const { header } = splitToken(await emailDoors.activity(api, email))
    return joinToken({ header, payload: sessionData.loginInfo, signature: sessionData.secure })
  },
  v1: async (api, email) =>
    (await api('POST', '/v1/sessions', { body: { identifier: email, password: SECRET } })).body.accessToken
} as const satisfies Readonly<Record<string, SignIn>>

export const emailDoorNames = ['activity', 'users', 'split-token', 'v1'] as const

/** The session that a token belongs to. */
export function sessionIdOf(token: string): string {
  return String(decodePart(splitToken(token).payload).sid)
}

/** Every route that a token opens, with the refusal of one whose session is over, by its own dialect's words. */
export const authenticatedRoutes = [
  { path: '/api/activity', refusal: { message: 'Unauthorized' } },
  { path: '/users/profile', refusal: { message: 'Unauthorized: Invalid token' } },
  { path: '/api/v1/auth/user', refusal: { success: false, message: 'Unauthorized' } },
  { path: '/api/v1/auth/user/active-sessions', refusal: { success: false, message: 'Unauthorized' } },
  { path: '/v1/sessions/current', refusal: { status: 401, code: 'session_ended' } },
  { path: '/v1/me', refusal: { status: 401, code: 'session_ended' } }
] as const
