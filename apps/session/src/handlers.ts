import type { Handlers } from '@latchkey/contracts/define'
import { fail, ok } from '@latchkey/contracts/errors'
import type { sessionContract } from '@latchkey/contracts/session'
import type { Touch } from '@latchkey/contracts/verdict'
import type { StoreClock } from '@latchkey/runtime/store-clock'
import { checkSession } from './domain/check-session.ts'
import { endAllSessions } from './domain/end-all-sessions.ts'
import { type EndDeps, endSession } from './domain/end-session.ts'
import { eraseUser } from './domain/erase-user.ts'
import { findSession } from './domain/find-session.ts'
import { listDevices } from './domain/list-devices.ts'
import { listSessions } from './domain/list-sessions.ts'
import { type OpenDeps, openSession } from './domain/open-session.ts'
import { putProfile } from './domain/put-profile.ts'
import { type RefreshDeps, refreshSession } from './domain/refresh-session.ts'
import { touchSessions } from './domain/touch-sessions.ts'
import type { KeyRing } from './keys.ts'
import { whileStoreAnswers } from './store-answers.ts'

export interface HandlerDeps extends OpenDeps, RefreshDeps, EndDeps {
  readonly keys: Pick<KeyRing, 'listPublicKeys'>
  readonly clock: Pick<StoreClock, 'knownMs'>
}

export function createHandlers(deps: HandlerDeps): Handlers<typeof sessionContract> {
  return {
    open: (request, context) => whileStoreAnswers(openSession(deps, request, context)),
    refresh: (request, context) => whileStoreAnswers(refreshSession(deps, request, context)),
    check: (request) => whileStoreAnswers(checkSession(deps, request)),
    list: (request) => whileStoreAnswers(listSessions(deps, request)),
    find: (request) => whileStoreAnswers(findSession(deps, request)),
    end: (request, context) => whileStoreAnswers(endSession(deps, request, context)),
    endAll: (request, context) => whileStoreAnswers(endAllSessions(deps, request, context)),
    putProfile: (request, context) => whileStoreAnswers(putProfile(deps, request, context)),
    listDevices: (request) => whileStoreAnswers(listDevices(deps, request)),
    erase: (request, context) => whileStoreAnswers(eraseUser(deps, request, context)),
    getKeys: async () => ok({ keys: deps.keys.listPublicKeys() }),
    getTime: async () => {
      const nowMs = deps.clock.knownMs()
      return nowMs === undefined ? fail('unavailable') : ok({ nowMs })
    }
  }
}

/** Takes a batch of uses. While the store is down they are lost: later ones make up for them. */
export function createTouchListener(deps: Pick<HandlerDeps, 'sessions'>): (uses: readonly Touch[]) => Promise<void> {
  return async (uses) => {
    await whileStoreAnswers(touchSessions(deps, uses).then(ok))
  }
}
