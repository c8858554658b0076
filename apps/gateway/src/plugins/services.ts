import { activityContract } from '@latchkey/contracts/activity'
import { authContract } from '@latchkey/contracts/auth'
import type { Client } from '@latchkey/contracts/define'
import { sessionContract } from '@latchkey/contracts/session'
import { createClient } from '@latchkey/messaging/client'
import type { Transport } from '@latchkey/messaging/transport'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { RequestCall } from '../call.ts'

declare module 'fastify' {
  interface FastifyInstance {
    services: {
      readonly auth: Client<typeof authContract>
      readonly session: Client<typeof sessionContract>
      readonly activity: Client<typeof activityContract>
    }
  }
  interface FastifyRequest {
    /** Goes along with every call made for this request. */
    call: RequestCall
  }
}

/** The only plugin that knows there is a message bus. */
export const services = fp(
  async (app: FastifyInstance, { transport }: { transport: Transport }) => {
    app.decorate('services', {
      auth: createClient(authContract, transport, app.log),
      session: createClient(sessionContract, transport, app.log),
      activity: createClient(activityContract, transport, app.log)
    })
    app.decorateRequest('call')
    app.addHook('onRequest', (request, _reply, done) => {
      request.call = new RequestCall(request.id, request.headers.traceparent)
      done()
    })
  },
  { name: 'services' }
)
