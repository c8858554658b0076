import type { EventListeners } from '@latchkey/messaging/listen'
import { noteAdminBlock, noteAdminUnblock } from './domain/note-admin-block.ts'
import type { UserStates } from './domain/ports.ts'
import { settle } from './listeners.ts'

/** What admins decide about users, in an order of its own: nothing else has to wait for it. */
export function createBlockListeners(deps: { readonly states: Pick<UserStates, 'noteAdminBlock'> }): EventListeners {
  return {
    userBlocked: (event) => settle(noteAdminBlock(deps, event)),
    userUnblocked: (event) => settle(noteAdminUnblock(deps, event))
  }
}
