import type { SignedIn } from '@latchkey/contracts/auth'
import type { Profile } from '@latchkey/contracts/ids'
import type { ListedSession } from '@latchkey/contracts/session'
import type { Tokens } from '@latchkey/contracts/tokens'

const quotes = ['Love is energy of life.', 'You have to separate the chaff from the wheat.', 'Well begun is half done.']

/** The payload and the signature of the access token; its header stays with whoever knows the keys. */
export function splitToken({ accessToken }: Tokens): { readonly loginInfo: string; readonly secure: string } {
  const [, loginInfo = '', secure = ''] = accessToken.split('.')
  return { loginInfo, secure }
}

export function presentPerson({ email, firstName, lastName }: Profile) {
  return { email, firstname: firstName, lastname: lastName }
}

export function presentSignedIn({ tokens, session }: SignedIn) {
  const quote = quotes[Math.floor(Math.random() * quotes.length)]
  return { sessionData: { ...splitToken(tokens), clientId: session.id }, quote }
}

export function presentActiveSession({ id, device, createdAt, tokenPayload }: ListedSession) {
  return { _id: id, source: device.userAgent, ip: device.ip, loginInfo: tokenPayload, date: createdAt }
}

const person = { email: 'testemail@gmail.com', firstname: 'xristos', lastname: 'apatsidis' }
const clientId = '7fq0ZlX2m4n8VbYc1sT6dKe9RwGh3JuAoP'
const loginInfo = 'eyJzdWIiOiIwMTlhOWYzZSJ9'
const signedIn = { sessionData: { loginInfo, secure: 'c2lnbmF0dXJl', clientId }, quote: quotes[0] }
const origin = { source: 'insomnia/2021.4.0', ip: '127.0.0.1', date: '2026-11-21T09:30:00.000Z' }
const activeSession = { _id: clientId, loginInfo, ...origin }

/** Of answers. */
export const examples = {
  registered: [{ success: true, userData: person, ...signedIn }],
  loggedIn: [{ success: true, ...signedIn }],
  user: [{ success: true, ...person }],
  activeSessions: [{ success: true, activeSessions: [activeSession] }],
  done: [{ success: true }]
}
