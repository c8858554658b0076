import { listen } from '@latchkey/messaging/listen'
import { openNatsTransport } from '@latchkey/messaging/nats'
import { OPERATOR, withUser } from '@latchkey/testing/guarded-stores'
import type { Violation } from '../history/check-history.ts'
import { findEnds, type History } from '../history/history.ts'
import type { Platform } from '../history/platform.ts'
import { eventually } from '../people.ts'

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined, debug: () => undefined }

/**
 * Every end that was answered has to be in the event stream, whatever happened to its servers meanwhile; but for those of
 * sessions of which it may be told nothing.
 */
export async function findLostEvents({ nats }: Platform, history: History): Promise<readonly Violation[]> {
  const over = findEnds(history.ends)
  const untold = new Set(history.ends.filter(({ by }) => by !== undefined).flatMap(({ sessions }) => sessions))
  const missing = new Set([...over.keys()].filter((session) => !untold.has(session)))
  const transport = openNatsTransport({ url: withUser(nats.url, OPERATOR.user), name: OPERATOR.user, log: silent })
  const sessionEnded = async ({ payload }: { readonly payload: { readonly sessionId: string } }) => {
    missing.delete(payload.sessionId)
  }
  const subscription = listen({ sessionEnded }, { transport, durable: `inspector-${Date.now()}`, log: silent })
  await eventually(
    async () => missing.size,
    (count) => count === 0
  )
  await subscription.drain()
  await transport.close()
  return [...missing].map((session) => {
    return { invariant: 'I9', session, at: over.get(session) ?? 0, text: 'its end is not in the event stream' }
  })
}
