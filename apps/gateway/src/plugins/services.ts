import { activityContract } from '@latchkey/contracts/activity'
import { authContract } from '@latchkey/contracts/auth'
import type { Client } from '@latchkey/contracts/define'
import { factorsContract } from '@latchkey/contracts/factors'
import { recoveryContract } from '@latchkey/contracts/recovery'
import { sessionContract } from '@latchkey/contracts/session'
import { createClient } from '@latchkey/messaging/client'
import type { Transport } from '@latchkey/messaging/transport'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { RequestCall } from '../call.ts'

declare module 'fastify' {
  interface FastifyInstance {
    services: {
      readonly auth: Client<typeof authContract>
      readonly factors: Client<typeof factorsContract>
      readonly recovery: Client<typeof recoveryContract>
      readonly session: Client<typeof sessionContract>
      readonly activity: Client<typeof activityContract>
    }
  }
  interface FastifyRequest {
    /** Goes along with every call made for this request; its budget begins with the first of them. */
    readonly call: RequestCall
    startedCall: RequestCall | undefined
  }
}

/** The only plugin that knows there is a message bus. */
export const services = fp(
  async (app: FastifyInstance, { transport }: { transport: Transport }) => {
    app.decorate('services', {
      auth: createClient(authContract, transport, app.log),
      factors: createClient(factorsContract, transport, app.log),
      recovery: createClient(recoveryContract, transport, app.log),
      session: createClient(sessionContract, transport, app.log),
      activity: createClient(activityContract, transport, app.log)
    })
    app.decorateRequest('startedCall')
    // Most requests are answered without any call.
    app.decorateRequest('call', {
      getter(this: FastifyRequest) {
        this.startedCall ??= new RequestCall(this)
        return this.startedCall
      }
    })
  },
  { name: 'services' }
)
