import { createHash, timingSafeEqual } from 'node:crypto'
import { fail } from '@latchkey/contracts/errors'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { CallError } from '../errors.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Refuses whoever is no trusted server; nobody where no key is configured. */
    requireServiceKey(request: FastifyRequest): Promise<void>
  }
}

export interface ServiceKeyOptions {
  readonly serviceKey: string | undefined
}

const BEARER = /^Bearer (.+)$/i

/** Lets trusted servers prove who they are by a key that they share with the gateway. */
export const serviceKeys = fp(
  async (app: FastifyInstance, { serviceKey }: ServiceKeyOptions) => {
    const expected = serviceKey === undefined ? undefined : digest(serviceKey)
    app.decorate('requireServiceKey', async ({ headers }: FastifyRequest) => {
      if (expected === undefined) return
      const given = BEARER.exec(headers.authorization ?? '')?.[1] ?? ''
      if (!timingSafeEqual(digest(given), expected)) throw new CallError(fail('unauthenticated'))
    })
  },
  { name: 'service-key' }
)

/** Of one length whatever is given, so that comparing takes the same time. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
