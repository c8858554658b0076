import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { fail } from '@latchkey/contracts/errors'
import { sessionContract } from '@latchkey/contracts/session'
import { CallError } from '../errors.ts'

/** Shorter than the time a new key is published before its first use, so that no copy is ever too old. */
const MAX_AGE_SECONDS = 60

export const keyRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/.well-known/jwks.json',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getKeys',
        summary: 'Public keys (RFC 7517)',
        tags: ['keys'],
        response: { 200: sessionContract.getKeys.reply }
      }
    },
    async (_request, reply) => {
      const { published } = app.keyRing
      if (published === undefined) throw new CallError(fail('unavailable'))
      reply.header('cache-control', `public, max-age=${MAX_AGE_SECONDS}`)
      return published
    }
  )
}
