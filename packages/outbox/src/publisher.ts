import type { PlatformEvent } from '@latchkey/contracts/events'
import { ensureEventStream, readEvent, storeEvent } from '@latchkey/messaging/events'
import { NoResponders, type Transport } from '@latchkey/messaging/transport'

/** Room for the headers that travel with an event. */
const HEADER_BYTES = 1024
const encoder = new TextEncoder()

export interface Publisher {
  /** `undefined` for text that is no event of the platform, or one that the bus can never take. */
  read(text: string): PlatformEvent | undefined
  /** Throws where nothing can be sent now, before anything is opened for it. */
  assertConnected(): void
  /** Resolves once the stream has stored the event; makes the stream first where it is not there. */
  publish(event: PlatformEvent): Promise<void>
}

export function createPublisher(transport: Transport): Publisher {
  let ensured: Promise<void> | undefined
  // Without a connection there is nothing to wait for: the relay is woken when it comes.
  const assertConnected = (): void => {
    if (transport.state !== 'connected') throw new NoResponders('not connected')
  }

  return {
    assertConnected,

    read: (text) => {
      const data = encoder.encode(text)
      return data.length + HEADER_BYTES > transport.maxPayloadBytes ? undefined : readEvent(data)
    },

    publish: async (event) => {
      assertConnected()
      ensured ??= ensureEventStream(transport)
      try {
        await ensured
        await storeEvent(transport, event)
      } catch (err) {
        // The stream itself may be what is missing.
        ensured = undefined
        throw err
      }
    }
  }
}
