import { randomUUID } from 'node:crypto'
import type { EventOf } from '@latchkey/contracts/events'
import { startNats } from '@latchkey/testing/stores'
import type { Test } from 'tap'
import { encode } from '../src/codec.ts'
import { ensureEventStream } from '../src/events.ts'
import { openNatsTransport } from '../src/nats-transport.ts'
import type { Transport } from '../src/transport.ts'
import { createLog } from './stand-in.ts'

export const userId = '019a9f3e-6f4b-7c1d-9a55-0c9a3d3f7b21'

export function profileChanged(field: string): EventOf<'profileChanged'> {
  const occurredAt = new Date().toISOString()
  return { id: randomUUID(), version: 1, name: 'profileChanged', userId, occurredAt, payload: { fields: [field] } }
}

export async function openStream(t: Test) {
  const nats = await startNats(t)
  const log = createLog()
  const transport = openNatsTransport({ url: nats.url, name: 'test', log })
  t.teardown(() => transport.close())
  await ensureEventStream(transport)
  return { nats, log, transport }
}

/** Collects the first field of each event, and resolves once `count` have come. */
export function collect(count: number) {
  const fields: string[] = []
  const complete = Promise.withResolvers<string[]>()
  const profileChanged = async ({ payload }: EventOf<'profileChanged'>) => {
    fields.push(payload.fields[0] ?? '')
    if (fields.length === count) complete.resolve(fields)
  }
  return { listeners: { profileChanged }, complete: complete.promise, fields }
}

/** An event as a newer version of the platform would tell it. */
export async function storeNewer(transport: Transport, change: object): Promise<void> {
  const event = { ...profileChanged('newer'), ...change }
  await transport.store('event.profile_changed', { data: encode(event), headers: {} }, event.id)
}
