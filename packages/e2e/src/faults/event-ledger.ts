import { readEvent } from '@latchkey/messaging/events'
import { openNatsTransport } from '@latchkey/messaging/nats'
import { withUser } from '@latchkey/testing/guarded-stores'
import type { TestScope, TestServer } from '@latchkey/testing/stores'

export interface EventLedger {
  /** Sessions that were opened, and that have ended, as the events tell. */
  readonly opened: ReadonlySet<string>
  readonly ended: ReadonlySet<string>
  /** Everybody who has registered. */
  readonly registered: ReadonlySet<string>
  /** How many blocks of each user have begun. */
  readonly blocks: ReadonlyMap<string, number>
  /** Events that came more than once. */
  readonly repeated: number
}

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const ACK_WAIT_MS = 30_000

/** Takes every event of the stream, from the first on, as any consumer would that tells repetitions by their ids. */
export function keepEventLedger(t: TestScope, nats: TestServer): EventLedger {
  const transport = openNatsTransport({ url: withUser(nats.url, 'operator'), name: 'operator', log: silent })
  const [opened, ended, registered] = [new Set<string>(), new Set<string>(), new Set<string>()]
  const blocks = new Map<string, number>()
  const known = new Set<string>()
  const ledger = { opened, ended, registered, blocks, repeated: 0 }
  const options = { stream: 'LATCHKEY_EVENTS', durable: 'ledger', ackWaitMs: ACK_WAIT_MS }
  const subscription = transport.consume(options, async (message) => {
    message.ack()
    const event = readEvent(message.data)
    if (event === undefined) return
    if (known.has(event.id)) {
      ledger.repeated += 1
      return
    }
    known.add(event.id)
    if (event.name === 'sessionOpened') opened.add(event.payload.sessionId)
    if (event.name === 'sessionEnded') ended.add(event.payload.sessionId)
    if (event.name === 'userRegistered') registered.add(event.userId)
    if (event.name === 'userBlocked') blocks.set(event.userId, (blocks.get(event.userId) ?? 0) + 1)
  })
  t.teardown(async () => {
    await subscription.drain()
    await transport.close()
  })
  return ledger
}
