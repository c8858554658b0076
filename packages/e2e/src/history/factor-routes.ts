import { manage } from './admin-routes.ts'
import { enrollFactor } from './factor.ts'
import { asActor, call, type Ended, type Ending, type Routes } from './route.ts'

/** The session goes on as another one, which knows of the factor and is kept by the account. */
async function confirm({ gateway, victim, account }: Ending): Promise<Ended> {
  const { answered, session } = await enrollFactor(gateway, victim)
  if (session !== undefined) account.sessions.push(session)
  return { answered, isOk: session !== undefined }
}

/** Those by which a second factor comes and goes. */
export const FACTOR_ROUTES: Routes = {
  'POST /v1/me/totp/confirm': { ends: 'victim', isRepeatable: false, ask: confirm },
  'DELETE /v1/me/totp': {
    ends: 'others',
    isRepeatable: true,
    needs: 'factor',
    ask: (ending) => {
      const body = { password: ending.account.password }
      return call(ending, 'DELETE', '/v1/me/totp', { ...asActor(ending), body })
    }
  },
  'DELETE /v1/admin/users/:id/totp': {
    ends: 'all',
    isRepeatable: true,
    needs: 'factor',
    ask: (ending) => manage(ending, 'DELETE', '/totp')
  }
}
