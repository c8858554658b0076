import type { Handlers } from '@latchkey/contracts/define'
import { type ErrorCode, fail, ok, type Result } from '@latchkey/contracts/errors'
import type { sessionContract } from '@latchkey/contracts/session'
import { checkSession } from './domain/check-session.ts'
import { endAllSessions } from './domain/end-all-sessions.ts'
import { endSession } from './domain/end-session.ts'
import { listSessions } from './domain/list-sessions.ts'
import { type OpenDeps, openSession } from './domain/open-session.ts'
import { StoreUnavailable } from './domain/ports.ts'
import { putProfile } from './domain/put-profile.ts'
import { type RefreshDeps, refreshSession } from './domain/refresh-session.ts'
import type { KeyRing } from './keys.ts'

export interface HandlerDeps extends OpenDeps, RefreshDeps {
  readonly keys: Pick<KeyRing, 'listPublicKeys'>
}

export function createHandlers(deps: HandlerDeps): Handlers<typeof sessionContract> {
  return {
    open: (request) => whileStoreAnswers(openSession(deps, request)),
    refresh: (request, context) => whileStoreAnswers(refreshSession(deps, request, context)),
    check: (request) => whileStoreAnswers(checkSession(deps, request)),
    list: (request) => whileStoreAnswers(listSessions(deps, request)),
    end: (request) => whileStoreAnswers(endSession(deps, request)),
    endAll: (request) => whileStoreAnswers(endAllSessions(deps, request)),
    putProfile: (request) => whileStoreAnswers(putProfile(deps, request)),
    getKeys: async () => ok({ keys: deps.keys.listPublicKeys() })
  }
}

async function whileStoreAnswers<T, E extends ErrorCode>(
  work: Promise<Result<T, E>>
): Promise<Result<T, E | 'unavailable'>> {
  try {
    return await work
  } catch (err) {
    if (err instanceof StoreUnavailable) return fail('unavailable')
    throw err
  }
}
