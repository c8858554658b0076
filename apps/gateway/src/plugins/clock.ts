import { createStoreClock, type StoreClock } from '@latchkey/runtime/store-clock'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { unwrap } from '../errors.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The clock that tokens and sessions go by: the one of the session service's store. */
    clock: StoreClock
    /**
     * What tokens are judged by, in milliseconds since 1970: that clock exactly, since the time they were made by leaves
     * less room than this machine's clock is given.
     */
    tokenTimeMs(): number
  }
}

const ASK_TIMEOUT_MS = 500

/** Knows the time by which tokens were made: nobody is let in or kept out because this machine's clock is wrong. */
export const clock = fp(
  async (app: FastifyInstance, { toleranceMs }: { readonly toleranceMs: number }) => {
    const { session } = app.services
    const call = { requestId: 'clock', timeoutMs: ASK_TIMEOUT_MS }
    const read = async () => unwrap(await session.getTime({}, call)).nowMs
    const watched = createStoreClock({ store: 'the session service', read, toleranceMs, log: app.log })
    app.decorate('clock', watched)
    app.decorate('tokenTimeMs', () => watched.knownMs() ?? watched.nowMs())
    app.addHook('onReady', async () => watched.start())
    app.addHook('onClose', async () => watched.stop())
  },
  { name: 'clock', dependencies: ['services'] }
)
