import { readAuthenticator } from '../authenticator.ts'
import { CHANGE_DEADLINE_MS, latestToken, type Opened, readOpened, type Session } from './account.ts'
import { type GatewayClient, readJson } from './gateway-client.ts'

/** What came of it; `recoveryCodes` are those that stand in for the codes of the device. */
export interface Enrolled extends Opened {
  readonly recoveryCodes: string[]
}

/** Turns a second factor on, upon which the session that asks for it goes on as another one. */
export async function enrollFactor(gateway: GatewayClient, session: Session): Promise<Enrolled> {
  const ask = (path: string, body?: object) => {
    const question = { method: 'POST', path, token: latestToken(session), deadlineMs: CHANGE_DEADLINE_MS }
    return gateway.ask(body === undefined ? question : { ...question, body })
  }
  const begun = await ask('/v1/me/totp')
  const { secret } = readJson(begun.text)
  if (typeof secret !== 'string') return { answered: begun, session: undefined, recoveryCodes: [] }
  const answered = await ask('/v1/me/totp/confirm', { code: readAuthenticator(secret) })
  const { recoveryCodes } = readJson(answered.text)
  const codes = Array.isArray(recoveryCodes) ? recoveryCodes.map(String) : []
  return { ...readOpened(answered, 200), recoveryCodes: codes }
}
