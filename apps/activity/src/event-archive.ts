import { eraseEvent } from '@latchkey/messaging/events'
import type { Transport } from '@latchkey/messaging/transport'
import { type EventArchive, StoreUnavailable } from './domain/ports.ts'

export function createEventArchive(transport: Transport): EventArchive {
  return {
    erase: async (userId, sequence) => {
      try {
        await eraseEvent(transport, { userId, sequence })
      } catch (cause) {
        throw new StoreUnavailable('the event stream does not answer', { cause })
      }
    }
  }
}
