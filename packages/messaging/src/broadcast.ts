import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Log } from './client.ts'
import { decode, encode } from './codec.ts'
import type { Subscription, Transport } from './transport.ts'

/** A message that goes to everybody who listens and that nobody answers. */
export interface Broadcast {
  readonly subject: string
  readonly payload: TSchema
}

export type PayloadOf<B extends Broadcast> = Static<B['payload']>

/** Sends to whoever listens now. Throws `NoResponders` while there is no connection. */
export function createBroadcaster<const B extends Broadcast>(
  { subject }: B,
  transport: Transport
): (payload: PayloadOf<B>) => void {
  return (payload) => transport.publish(subject, { data: encode(payload), headers: {} })
}

export interface HearOptions {
  readonly transport: Transport
  readonly log: Log
}

/**
 * Hands every message to `take`, in each process that listens. What was sent while the connection was lost does not
 * come later: whoever must not miss anything asks for it once `transport.onState` says that it is back.
 */
export function hear<const B extends Broadcast>(
  { subject, payload }: B,
  take: (payload: PayloadOf<B>) => void,
  { transport, log }: HearOptions
): Subscription {
  const validator = Compile(payload)
  return transport.subscribe(subject, ({ data }) => {
    const body = read(data)
    if (validator.Check(body)) take(body as PayloadOf<B>)
    else log.warn({ subject }, 'message is not readable; passed over')
  })
}

function read(data: Uint8Array): unknown {
  try {
    return decode(data)
  } catch {
    return undefined
  }
}
