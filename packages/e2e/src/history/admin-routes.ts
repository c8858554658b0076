import { setTimeout as delay } from 'node:timers/promises'
import { asActor, call, type Ended, type Ending, isSuccess, type Routes } from './route.ts'

const PROMOTIONS = 2
const PROMOTION_PAUSE_MS = 150

/** What the victim of a route that needs it is opened by. No other session has it, nor a text that it is a part of. */
export function nameAgent({ name }: { readonly name: string }): string {
  return `(agent of ${name})`
}

/** As the administrator; `path` goes on from the account. */
export async function manage(ending: Ending, method: string, path: string, body?: object): Promise<Ended> {
  const { administrator, gateway, account } = ending
  const answered = await administrator.ask(gateway, method, `/v1/admin/users/${account.userId}${path}`, body)
  return { answered, isOk: isSuccess(answered) }
}

async function endMatching({ administrator, gateway }: Ending, criteria: object): Promise<Ended> {
  const answered = await administrator.ask(gateway, 'POST', '/v1/admin/sessions/end', criteria)
  return { answered, isOk: isSuccess(answered) }
}

const block = (ending: Ending) => manage(ending, 'PUT', '/block', {})

/** Only who has the role can lose it: where nobody knows, a success would say nothing of sessions. */
async function promote(ending: Ending): Promise<boolean> {
  for (let promotion = 0; promotion < PROMOTIONS; promotion += 1) {
    const { isOk } = await manage(ending, 'PATCH', '', { role: 'admin' })
    if (isOk) return true
    await delay(PROMOTION_PAUSE_MS)
  }
  return false
}

/** Of somebody whom nobody knows any more nothing is left: what is still to be forgotten is not unknown. */
async function erase(ending: Ending): Promise<Ended> {
  const { answered, isOk } = await manage(ending, 'DELETE', '')
  return { answered, isOk: isOk || answered.status === 404 }
}

/** Those by which an admin ends the sessions of one user, or keeps them out. */
export const ADMIN_ROUTES: Routes = {
  'DELETE /v1/admin/users/:id/sessions/:id': {
    ends: 'victim',
    isRepeatable: true,
    ask: (ending) => manage(ending, 'DELETE', `/sessions/${ending.victim.id}`)
  },
  'DELETE /v1/admin/users/:id/sessions': {
    ends: 'all',
    isRepeatable: true,
    ask: (ending) => manage(ending, 'DELETE', '/sessions')
  },
  'POST /v1/admin/sessions/end (user)': {
    ends: 'all',
    isRepeatable: true,
    ask: (ending) => endMatching(ending, { userId: ending.account.userId })
  },
  // Looks at the sessions of all users.
  'POST /v1/admin/sessions/end (user agent)': {
    ends: 'victim',
    isRepeatable: true,
    needs: 'agent',
    ask: (ending) => endMatching(ending, { userAgent: nameAgent(ending.account) })
  },
  // A second one takes the place of the first, and the user is kept out all along.
  'PUT /v1/admin/users/:id/block': { ends: 'all', by: 'block', isRepeatable: true, ask: block, settle: block },
  'PATCH /v1/admin/users/:id (role)': {
    ends: 'all',
    isRepeatable: true,
    prepare: promote,
    ask: (ending) => manage(ending, 'PATCH', '', { role: 'user' })
  }
}

/** Those after which there is no such user. */
export const DELETION_ROUTES: Routes = {
  'DELETE /v1/admin/users/:id': { ends: 'all', by: 'deletion', isRepeatable: true, ask: erase, settle: erase },
  // The token that it is asked with is refused afterwards, whether or not all is done.
  'DELETE /v1/me': {
    ends: 'all',
    by: 'deletion',
    isRepeatable: false,
    ask: (ending) => {
      const body = { password: ending.account.password }
      return call(ending, 'DELETE', '/v1/me', { ...asActor(ending), body })
    },
    settle: erase
  }
}
