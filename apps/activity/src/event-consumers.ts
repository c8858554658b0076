import { READERS } from '@latchkey/contracts/services'
import { ensureEventStream, lendConsumer } from '@latchkey/messaging/events'
import type { Transport } from '@latchkey/messaging/transport'

/** Makes sure that the event stream is there, and a consumer for each program outside the platform that follows it. */
export async function ensureEventConsumers(transport: Transport): Promise<void> {
  await ensureEventStream(transport)
  for (const reader of READERS) await lendConsumer(transport, reader)
}
