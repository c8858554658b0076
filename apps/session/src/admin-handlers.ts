import type { Handlers } from '@latchkey/contracts/define'
import type { sessionAdminContract } from '@latchkey/contracts/session-admin'
import { type EndSessionsDeps, endSessions } from './domain/end-sessions.ts'
import { getStats } from './domain/get-stats.ts'
import { whileStoreAnswers } from './store-answers.ts'

export function createAdminHandlers(deps: EndSessionsDeps): Handlers<typeof sessionAdminContract> {
  return {
    end: (request, context) => whileStoreAnswers(endSessions(deps, request, context)),
    getStats: () => whileStoreAnswers(getStats(deps))
  }
}
