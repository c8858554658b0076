import { type AnyEvent, events } from '@latchkey/contracts/events'
import { ensureEventStream, readAnyEvent, readEvent, storeEvent } from '@latchkey/messaging/events'
import { NoResponders, type Transport } from '@latchkey/messaging/transport'

/** Room for the headers that travel with an event. */
const HEADER_BYTES = 1024
const encoder = new TextEncoder()

export interface Publisher {
  /**
   * `undefined` for text that is no event, or one that the bus can never take. One that a newer replica has written is
   * relayed as it is.
   */
  read(text: string): AnyEvent | undefined
  /** Throws where nothing can be sent now, before anything is opened for it. */
  assertConnected(): void
  /** Resolves once the stream has stored the event; makes the stream first where it is not there. */
  publish(event: AnyEvent): Promise<void>
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
      if (data.length + HEADER_BYTES > transport.maxPayloadBytes) return undefined
      const event = readAnyEvent(data)
      return event === undefined || isOfThisVersion(event) ? readEvent(data) : event
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

function isOfThisVersion({ name, version }: AnyEvent): boolean {
  return version === 1 && Object.hasOwn(events, name)
}
