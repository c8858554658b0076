import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether it has been told to end. */
    readonly draining: { readonly isOn: boolean }
  }
}

export interface DrainingOptions {
  /** How long it goes on taking requests once it has been told to end. */
  readonly delayMs: number
}

/**
 * The beginning of the end: not ready any more, so that load balancers turn elsewhere, and yet serving until they have,
 * each answer with the request to come back on another connection. To be registered before whatever ends anything.
 */
export const draining = fp(
  async (app: FastifyInstance, { delayMs }: DrainingOptions) => {
    const state = { isOn: false }
    app.decorate('draining', state)
    app.addHook('preClose', async () => {
      state.isOn = true
      await pause(delayMs)
    })
    app.addHook('onSend', (_request, reply, payload, done) => {
      if (state.isOn) reply.header('connection', 'close')
      done(null, payload)
    })
  },
  { name: 'draining' }
)
