import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

/** Nothing in this scope is kept by any cache: it is about somebody. */
export const noStore = fp(
  async (app: FastifyInstance) => {
    app.addHook('onRequest', (_request, reply, done) => {
      reply.header('cache-control', 'no-store')
      done()
    })
  },
  { name: 'no-store' }
)
