import { setTimeout as delay } from 'node:timers/promises'
import { askRefresh, latestToken, signInAccount, toCookies } from './account.ts'
import { readJson } from './gateway-client.ts'
import { asActor, asVictim, call, type Ended, type Ending, type Routes } from './route.ts'

export const DEVICE_ID = 'device-of-the-victim'
/** As the platform's policy has it. */
export const SESSION_LIMIT = 4
/** Longer than the grace in which a refresh token may be presented again. */
const AFTER_GRACE_MS = 1100

/** Opening another session ends one; the new one is kept by the account. */
async function replace(ending: Ending, device: { readonly deviceId?: string }): Promise<Ended> {
  const { answered, session } = await signInAccount(ending.gateway, ending.account, device)
  if (session !== undefined) ending.account.sessions.push(session)
  return { answered, isOk: session !== undefined }
}

/** A refresh token can be used once too often when its successor has been used, and the grace is over. */
async function useRefreshToken({ gateway, victim }: Ending): Promise<boolean> {
  const [latest] = victim.refreshTokens
  if (latest === undefined) return true
  await askRefresh(gateway, victim, latest)
  await delay(AFTER_GRACE_MS)
  return true
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

/** Those by which somebody ends their own sessions, and what a service may do for them. */
export const OWNER_ROUTES: Routes = {
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
  'POST /v1/sessions/refresh (reuse)': { ends: 'victim', isRepeatable: true, prepare: useRefreshToken, ask: reuse },
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
