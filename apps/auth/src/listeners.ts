import { type EventListeners, ListenerUnavailable } from '@latchkey/messaging/listen'
import { askAboutSession } from './domain/ask-about-session.ts'
import { type Deps, StoreUnavailable } from './domain/ports.ts'

/** What auth does about things that happen elsewhere. */
export function createListeners(deps: Pick<Deps, 'users' | 'recovery' | 'now'>): EventListeners {
  return {
    sessionOpened: async (event) => {
      try {
        await askAboutSession(deps, event)
      } catch (err) {
        if (err instanceof StoreUnavailable) throw new ListenerUnavailable('the store does not answer', { cause: err })
        throw err
      }
    }
  }
}
